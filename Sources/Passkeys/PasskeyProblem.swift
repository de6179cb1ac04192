import Kernel

/// What can be wrong with a passkey's answer, each kind with its one code and its next step.
enum PasskeyProblem {
    /// A part is not what WebAuthn says it is.
    static func form(_ field: String, _ reason: String, cause: String? = nil) -> Problem {
        Problem(
            .invalid, code: "passkey.form", "The answer of the passkey is malformed. \(reason)",
            hint: "Try again; if it happens again, use another browser or another device and tell us which one failed.",
            place: Problem.Place(field: field), cause: cause)
    }

    static func cbor(_ field: String, _ fault: CBORReader.Fault) -> Problem {
        form(field, fault.reason, cause: "at byte \(fault.offset)")
    }

    static func algorithm(_ number: Int64) -> Problem {
        Problem(
            .refused, code: "passkey.algorithm", "The passkey signs in a way that is not accepted here.",
            hint: "Use a device that knows Ed25519, ECDSA with P-256 or RSA with SHA-256; nearly all do.",
            cause: "COSE algorithm \(number)")
    }

    static func key(_ reason: String) -> Problem {
        Problem(
            .refused, code: "passkey.key", "The public key of the passkey is not acceptable. \(reason)",
            hint: "Make the passkey on another device, or with its newest software.")
    }

    static let type = Problem(
        .refused, code: "passkey.type", "The passkey answered another kind of question than was asked.",
        hint: "Start again from the page that asks for the passkey.")

    static let challenge = Problem(
        .refused, code: "passkey.challenge", "The passkey answered another question than the one asked last.",
        hint: "It may have been asked twice, in two windows; start again in one of them.")

    static func origin(_ origin: String) -> Problem {
        Problem(
            .refused, code: "passkey.origin", "The passkey was used on a page of another site.",
            hint: "Look at the address in the browser: if it is not ours, you were deceived; tell your security team.",
            cause: "origin \(String(reflecting: String(origin.prefix(200))))")
    }

    static let crossOrigin = Problem(
        .refused, code: "passkey.cross-origin", "The passkey was used on a page that another site had embedded.",
        hint: "Open our own address in a window of its own and try again there.")

    static let relyingParty = Problem(
        .refused, code: "passkey.relying-party", "The passkey belongs to another service.",
        hint: "Choose the passkey that was made for this service.")

    static let notPresent = Problem(
        .refused, code: "passkey.not-present", "The device did not confirm that anybody was there.",
        hint: "Touch the device or unlock it when it asks for it.")

    static let notVerified = Problem(
        .refused, code: "passkey.not-verified", "The device did not check who is using it.",
        hint: "Set up a PIN, a fingerprint or a face on the device, and confirm with it when asked.")

    static let backup = Problem(
        .refused, code: "passkey.backup",
        "The device contradicts itself about whether the passkey is copied elsewhere.",
        hint: "Update the device or its password manager, or make the passkey on another one.")

    static let attestation = Problem(
        .refused, code: "passkey.attestation", "What the device states about the passkey is not signed by the passkey.",
        hint: "Make the passkey again; if it happens again, use another device.")

    static let credential = Problem(
        .refused, code: "passkey.credential", "That is not the passkey that was asked for.",
        hint: "Choose a passkey that is registered for your account.")

    static let person = Problem(
        .refused, code: "passkey.person", "The passkey was made for another account.",
        hint: "Choose the passkey of the account that you are signing in to.")

    static let signature = Problem(
        .refused, code: "passkey.signature", "The signature of the passkey does not hold.",
        hint: "Try again; if it happens again, sign in another way and register the passkey anew.")

    static let copied = Problem(
        .refused, code: "passkey.copied",
        "The passkey counted backwards: the authenticator may have been copied.",
        hint: "Sign in another way, remove this passkey, and find out who else had the device.")
}
