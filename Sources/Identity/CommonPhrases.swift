/// Long passwords that are tried first although they are no pattern, as letters and digits in lower case.
///
/// What lists of stolen passwords have with fifteen characters or more, besides patterns: Django 5.2's `common-passwords.txt.gz`
/// (20,000 entries, 49 so long) and zxcvbn 4.4's frequency list (30,000 entries, 31 so long); and sayings, lines and names
/// that everybody knows, also shorter ones, which reach that length with digits behind them.
enum CommonPhrases {
    static let all = stolen + aboutPasswords + love + sayings + faith + stage + clubs

    private static let stolen = [
        "polniypizdec0211", "polniypizdec110211", "polniypizdec1102", "yfdbufnjh10305070", "demon1q2w3e4r5t",
        "john20130605at1753", "megapizdetz666", "doomsayer27mordsv", "doomsayer27mordsvv", "friendofemily",
        "friendofgerly", "migrationschool", "sdf7asdf6asdg8df", "inactive1996aug", "neworleans12345", "kartoffelpuffer",
        "lightpower12345", "stefangreil1983", "somanypickles27", "mailcreated5240", "momsanaladventure",
        "hd764nw5d7e1vb1", "23176djivanfros", "zqjphsyf6ctifgu", "lhbjkjubz2957704", "nemvxyheqdd5oqxyxyzi",
        "passwordstandard", "bpgjldsgjldthnf",
    ]

    private static let aboutPasswords = [
        "correcthorsebatterystaple", "thisismypassword", "thisisapassword", "thisisnotapassword", "thisisnotmypassword",
        "thisisasecurepassword", "thisisastrongpassword", "thisisaverylongpassword", "averylongpassword",
        "averysecurepassword", "mysecretpassword", "mysupersecretpassword", "supersecretpassword",
        "supersecurepassword",
        "mypasswordispassword", "mypasswordissecret", "mypasswordissecure", "thepasswordispassword",
        "passwordispassword",
        "iforgotmypassword", "idontknowmypassword", "idontrememberit", "icantremembermypassword", "ihatepasswords",
        "whatismypassword", "whatsmypassword", "guessmypassword", "youllneverguess", "youwillneverguess",
        "nobodyknowsthis", "donttellanyone", "letmeinplease", "pleaseletmein", "justletmeinplease", "letmeinrightnow",
        "openthedoorplease", "opensesameplease", "changemechangeme", "changethispassword", "temporarypassword",
        "defaultpassword", "administratorpassword", "dasistmeinpasswort", "dasistgeheim", "meingeheimespasswort",
        "ichhabekeinpasswort", "ichhabemeinpasswortvergessen", "passwortvergessen", "sesamoeffnedich", "sesamöffnedich",
        "micontraseñaessegura", "estaesmicontraseña", "monmotdepasse", "cestmonmotdepasse",
    ]

    private static let love = [
        "iloveyouforever", "iloveyousomuch", "iloveyouverymuch", "iloveyoubaby", "iloveyoutothemoonandback",
        "iloveyoumorethananything", "iloveyoumommy", "ilovemyfamily", "ilovemyhusband", "ilovemychildren",
        "ilovemydaughter", "ilovemygirlfriend", "ilovemyboyfriend", "foreverandalways", "foreverandever",
        "bestfriendsforever", "togetherforever", "ichliebedich", "ichliebedichsosehr", "ichliebedichueberalles",
        "tequieromucho", "teamoparasiempre", "jetaimepourtoujours", "loveisallyouneed", "allyouneedislove",
    ]

    private static let sayings = [
        "thequickbrownfox", "thequickbrownfoxjumps", "thequickbrownfoxjumpsoverthelazydog", "loremipsumdolor",
        "loremipsumdolorsitamet", "tobeornottobe", "tobeornottobethatisthequestion", "onceuponatime",
        "anappleadaykeepsthedoctoraway", "timeismoney", "knowledgeispower", "practicemakesperfect",
        "honestyisthebestpolicy", "whereverigothereiam", "carpediemcarpediem", "cogitoergosum", "venividivici",
        "ithinkthereforeiam", "thinkdifferent", "hakunamatata", "livelaughlove", "dontworrybehappy",
        "keepcalmandcarryon",
        "neversaynever", "nevergiveup", "justdoitjustdoit", "hellohowareyou", "helloworldhelloworld", "howareyoudoing",
        "whatareyoudoing", "whatsupdoc", "goodmorningvietnam", "goodmorningsunshine", "happybirthdaytoyou",
        "merrychristmasandahappynewyear", "allesgutezumgeburtstag", "wiegehtesdir", "gutenmorgendeutschland",
        "donaudampfschifffahrt", "donaudampfschiffahrtsgesellschaft", "supercalifragilisticexpialidocious",
        "congratulations", "antidisestablishmentarianism", "internationalization", "representatives",
        "characteristics", "telecommunications", "responsibilities", "misunderstanding",
    ]

    private static let faith = [
        "jesuschristislord", "jesuslovesme", "jesuslovesyou", "jesusismysavior", "jesusismylord", "godisgoodallthetime",
        "ingodwetrust", "inthebeginning", "inthebeginningwastheword", "praisethelord", "thelordismyshepherd",
        "godblessamerica", "bismillahirrahmanirrahim", "alhamdulillah", "lailahaillallah", "allahuakbarallahuakbar",
        "ourfatherwhoartinheaven",
    ]

    private static let stage = [
        "maytheforcebewithyou", "theforceawakens", "iamyourfather", "lukeiamyourfather", "darthvader", "lukeskywalker",
        "livelongandprosper", "beammeupscotty", "elementarymydearwatson", "houstonwehaveaproblem", "youshallnotpass",
        "onetoringtorulethemall", "oneringtorulethemall", "lordoftherings", "thelordoftherings", "gameofthrones",
        "winteriscoming", "valarmorghulis", "harrypotterandthephilosophersstone", "harrypotterandthesorcerersstone",
        "expectopatronum", "wingardiumleviosa", "alohomora", "illbeback", "hastalavistababy", "iamtheonewhoknocks",
        "nevergonnagiveyouup", "wewillrockyou", "wearethechampions", "stairwaytoheaven", "hotelcalifornia",
        "smellsliketeenspirit", "bohemianrhapsody", "highwaytohell", "imagineallthepeople", "helloitsme",
        "thecakeisalie", "allyourbasearebelongtous", "leeroyjenkins", "pikachuichooseyou", "spongebobsquarepants",
        "teenagemutantninjaturtles", "whoframedrogerrabbit", "callofdutymodernwarfare", "grandtheftautosanandreas",
        "worldofwarcraft", "leagueoflegends", "counterstrikeglobaloffensive", "assassinscreed", "metalgearsolid",
        "redhotchilipeppers", "avengedsevenfold", "mychemicalromance", "systemofadown", "linkinpark", "hellokitty",
    ]

    private static let clubs = [
        "manchesterunited", "manchestercity", "liverpoolfootballclub", "youllneverwalkalone", "arsenalfootballclub",
        "chelseafootballclub", "tottenhamhotspur", "realmadridclubdefutbol", "fcbarcelona", "bayernmuenchen",
        "fcbayernmuenchen", "bayernmünchen", "borussiadortmund", "borussiamoenchengladbach", "schalkenullvier",
        "bayerleverkusen", "eintrachtfrankfurt", "hamburgersportverein", "newenglandpatriots", "pittsburghsteelers",
        "philadelphiaeagles", "greenbaypackers", "sanfranciscogiants", "losangeleslakers", "goldenstatewarriors",
        "chicagobulls", "newyorkyankees", "bostonredsox", "dallascowboys", "michaeljordan", "cristianoronaldo",
        "lionelmessi", "newyorkcity", "unitedstatesofamerica",
        "bundesrepublikdeutschland",
    ]
}
