import Foundation
import Kernel
import Testing

@testable import Vault

struct KeyFileTests {
    private let randomness = seeded(2)
    private let scope = Identifier<KeyScope>(high: 1, low: 2)

    @Test func aNewKeyFileIsForItsOwnerAloneAndGivesTheSameKeyAgain() throws {
        try withDirectory { directory in
            let file = KeyFile(path: directory + "/vault.key")
            let made = try file.create(randomness: randomness)
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect(attributes[.posixPermissions] as? Int == 0o400)
            #expect(try file.key().fingerprint == made.fingerprint)
            let text = try String(contentsOfFile: file.path, encoding: .utf8)
            #expect(text.hasPrefix("vouchsafe/key-file@v1\nid \(made.fingerprint.hex)\nkey "))
            let dataKey = try DataKey(at: now, randomness: randomness)
            let wrapped = try dataKey.wrapped(by: made, for: scope, randomness: randomness)
            #expect(try DataKey(id: dataKey.id, unwrapping: wrapped, by: file.key(), for: scope).id == dataKey.id)
        }
    }

    @Test func anExistingKeyFileIsNeverOverwritten() throws {
        try withDirectory { directory in
            let file = KeyFile(path: directory + "/vault.key")
            let made = try file.create(randomness: randomness)
            #expect { try file.create(randomness: randomness) } throws: { code($0) == "vault.key-exists" }
            #expect(try file.key().fingerprint == made.fingerprint)
        }
    }

    @Test func aMissingKeyFileIsSaidToBeMissing() throws {
        try withDirectory { directory in
            let file = KeyFile(path: directory + "/vault.key")
            #expect { try file.key() } throws: { code($0) == "vault.key-missing" }
            #expect { try KeyFile(path: directory).key() } throws: {
                code($0) == "vault.key-malformed" || code($0) == "vault.key-mode"
            }
            #expect { try KeyFile(path: directory + "/none/vault.key").create(randomness: randomness) } throws: {
                code($0) == "vault.key-unwritable"
            }
        }
    }

    @Test(arguments: [0o440, 0o404, 0o640, 0o644, 0o410, 0o777])
    func aKeyFileThatOthersCouldUseIsRefused(mode: Int) throws {
        try withDirectory { directory in
            let file = KeyFile(path: directory + "/vault.key")
            _ = try file.create(randomness: randomness)
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path)
            #expect { try file.key() } throws: { code($0) == "vault.key-mode" && "\($0)".contains("chmod 0400") }
        }
    }

    @Test func aKeyFileThatWasCutOffOrChangedIsRefused() throws {
        try withDirectory { directory in
            let file = KeyFile(path: directory + "/vault.key")
            _ = try file.create(randomness: randomness)
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: file.path)))
            #expect((try? KeyText.parse(bytes)) != nil)
            for index in bytes.indices {
                #expect { try KeyText.parse(Array(bytes[..<index])) } throws: { code($0) == "vault.key-malformed" }
                for bit in 0..<8 {
                    var changed = bytes
                    changed[index] ^= 1 << UInt8(bit)
                    if (try? KeyText.parse(changed)) != nil { Issue.record("bit \(bit) of byte \(index)") }
                }
            }
            #expect { try KeyText.parse(bytes + [0x0A]) } throws: { code($0) == "vault.key-malformed" }
            try FileManager.default.removeItem(atPath: file.path)
            try Data(bytes.dropLast(5)).write(to: URL(filePath: file.path))
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: file.path)
            #expect { try file.key() } throws: {
                code($0) == "vault.key-malformed" && ($0 as? Problem)?.place?.file == file.path
            }
        }
    }

    @Test func theWrongKeyIsToldFromADamagedOne() throws {
        let right = try KeyEncryptionKey(bytes: randomness.bytes(32))
        let wrong = try KeyEncryptionKey(bytes: randomness.bytes(32))
        let dataKey = try DataKey(at: now, randomness: randomness)
        let wrapped = try dataKey.wrapped(by: right, for: scope, randomness: randomness)
        func open(_ bytes: [UInt8], _ key: KeyEncryptionKey, _ scope: Identifier<KeyScope>, _ id: Identifier<DataKey>)
            throws
        {
            _ = try DataKey(id: id, unwrapping: bytes, by: key, for: scope)
        }
        try open(wrapped, right, scope, dataKey.id)
        #expect { try open(wrapped, wrong, scope, dataKey.id) } throws: {
            code($0) == "vault.wrong-key" && "\($0)".contains(right.fingerprint.hex)
                && "\($0)".contains(wrong.fingerprint.hex)
        }
        #expect { try open(wrapped, right, Identifier(high: 9, low: 9), dataKey.id) } throws: {
            code($0) == "vault.tampered"
        }
        #expect { try open(wrapped, right, scope, Identifier(high: 9, low: 9)) } throws: {
            code($0) == "vault.tampered"
        }
        var changed = wrapped
        changed[40] ^= 1
        #expect { try open(changed, right, scope, dataKey.id) } throws: { code($0) == "vault.tampered" }
        #expect { try open(Array(wrapped.prefix(20)), right, scope, dataKey.id) } throws: {
            code($0) == "vault.truncated"
        }
    }

    @Test func aCredentialHoldsWhatAKeyFileHolds() throws {
        try withDirectory { directory in
            let made = try KeyFile(path: directory + "/vouchsafe").create(randomness: randomness)
            #expect(try CredentialKey(name: "vouchsafe", directory: directory).key().fingerprint == made.fingerprint)
            for provider in [
                CredentialKey(name: "other", directory: directory), CredentialKey(name: "vouchsafe", directory: nil),
                CredentialKey(name: "../vouchsafe", directory: directory),
            ] {
                #expect { try provider.key() } throws: { code($0) == "vault.credential" }
            }
        }
    }

    @Test func aPassphraseGivesOneKeyPerSalt() throws {
        let salt = [UInt8](1...16)
        func fingerprint(_ phrase: String, _ salt: [UInt8]) throws -> [UInt8] {
            try PassphraseKey(passphrase: Array(phrase.utf8), salt: salt, rounds: 1024).key().fingerprint
        }
        #expect(try fingerprint("correct horse", salt) == fingerprint("correct horse", salt))
        #expect(try fingerprint("correct horse", salt) != fingerprint("correct house", salt))
        #expect(try fingerprint("correct horse", salt) != fingerprint("correct horse", Array(2...17)))
        #expect { try fingerprint("", salt) } throws: { code($0) == "vault.passphrase" }
        #expect { try fingerprint("x", [1]) } throws: { code($0) == "vault.passphrase" }
    }
}
