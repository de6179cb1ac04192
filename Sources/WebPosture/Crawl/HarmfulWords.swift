import Foundation

/// Words by which links tell that following them changes something. A crawler reads them before it follows.
enum HarmfulWords {
    /// Tells whether a path, a query or the text on a link speaks of signing out, deleting, or anything else that cannot be
    /// taken back.
    static func stand(in text: String) -> Bool {
        guard !text.isEmpty else { return false }
        var folded = text
        // Most addresses hold nothing that could be folded, and folding is slow.
        if text.utf8.contains(where: { $0 >= 0x80 }) {
            folded = text.folding(options: [.diacriticInsensitive, .widthInsensitive], locale: nil)
            if unspaced.contains(where: { text.contains($0) || folded.contains($0) }) { return true }
        }
        let words = words(of: folded)
        for (index, word) in words.enumerated() {
            if single.contains(word) { return true }
            if index > 0, pairs.contains("\(words[index - 1]) \(word)") { return true }
        }
        return false
    }

    /// The words in lower case; a capital behind a small letter begins a new one, as in `signOut`.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var wasLower = false
        for character in text {
            guard character.isLetter else {
                if !word.isEmpty { words.append(word) }
                word = ""
                wasLower = false
                continue
            }
            if character.isUppercase, wasLower {
                words.append(word)
                word = ""
            }
            word += character.lowercased()
            wasLower = character.isLowercase
        }
        return word.isEmpty ? words : words + [word]
    }

    private static let single: Set<String> = [
        // English
        "logout", "logoff", "signout", "signoff", "delete", "deleted", "deleting", "deletion", "remove", "removal",
        "destroy", "erase", "purge", "trash", "truncate", "cancel", "unsubscribe", "unregister", "deregister",
        "deactivate", "revoke", "terminate", "shutdown", "reboot", "restart", "uninstall",
        "unlink", "clear", "rollback", "discard", "empty", "reset", "approve", "reject", "vote", "upvote", "downvote",
        "confirm", "publish", "unpublish", "pay",
        // German
        "abmelden", "ausloggen", "loschen", "loeschen", "entfernen", "kundigen", "kuendigen", "stornieren",
        "abbestellen",
        "deaktivieren", "zurucksetzen", "zuruecksetzen",
        // French
        "deconnexion", "deconnecter", "supprimer", "effacer", "annuler", "desabonner", "desactiver", "desinscrire",
        // Spanish
        "salir", "desconectar", "eliminar", "borrar", "suprimir", "cancelar", "desactivar",
        // Italian
        "esci", "disconnetti", "disconnettersi", "elimina", "eliminare", "cancella", "cancellare", "rimuovi", "annulla",
        "disattiva",
        // Portuguese
        "sair", "excluir", "apagar", "remover", "desativar",
        // Dutch
        "uitloggen", "afmelden", "verwijderen", "verwijder", "annuleren", "opzeggen", "uitschrijven",
        // Polish, Czech, Slovak
        "wyloguj", "wylogowanie", "usun", "usuń", "skasuj", "anuluj", "odhlasit", "smazat", "odstranit", "zrusit",
        "vymazat",
        // Scandinavian and Finnish
        "radera", "avbryt", "slet", "slett", "logud", "loggut", "poista", "peruuta",
        // Hungarian, Romanian, Turkish, Catalan, Basque
        "kijelentkezes", "torles", "deconectare", "sterge", "stergere", "cikis", "cıkıs", "iptal", "esborrar", "irten",
        "ezabatu",
        // Russian, Ukrainian, Greek
        "выйти", "выход", "удалить", "вийти", "видалити", "αποσυνδεση", "διαγραφη",
    ]

    private static let pairs: Set<String> = [
        "add to", "to cart", "log out", "log off", "sign out", "sign off", "cerrar sesion", "tancar sessio", "terminar sessao",
        "encerrar sessao",
        "logga ut", "ta bort", "log ud", "logg ut", "kirjaudu ulos", "oturumu kapat", "opt out", "end session",
        "saioa itxi",
    ]

    /// Of languages that set no spaces between words.
    private static let unspaced = [
        "登出", "退出", "注销", "註銷", "删除", "刪除", "ログアウト", "削除", "退会", "로그아웃", "삭제", "ออกจากระบบ", "تسجيل الخروج", "حذف",
    ]
}
