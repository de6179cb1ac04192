import AsyncHTTPClient
import Foundation
import Kernel
import Ledger
import NIOCore
import NIOHTTP1
import Testing

/// The witness as a process of its own, asked by an operator who lies.
@Suite(.enabled(if: Program.isBuilt))
struct WitnessTests {
    let folder: Folder
    let signer: NoteSigner

    init() throws {
        folder = try Folder()
        signer = try NoteSigner(name: "vouchsafe.example/lying", seed: Array(repeating: 4, count: 32))
    }

    private func post(_ body: [UInt8], to witness: RunningServer) throws -> WitnessAnswer {
        let request = try HTTPClient.Request(
            url: "\(witness.address)/add-checkpoint", method: .POST, body: .bytes(body))
        let response = try HTTPClient.shared.execute(request: request).wait()
        return WitnessAnswer(
            status: Int(response.status.code), contentType: response.headers.first(name: "content-type") ?? "",
            body: response.body.map { [UInt8](buffer: $0) } ?? [])
    }

    private func ask(_ witness: RunningServer, _ history: History, from size: Int) throws -> WitnessAnswer {
        try post(history.request(from: size, by: signer).encoded, to: witness)
    }

    private func evidence(_ kind: String) throws -> [[UInt8]] {
        try FileManager.default.contentsOfDirectory(atPath: folder["witness"]).filter { $0.contains(".\(kind)-") }.map {
            try folder.bytes(of: "witness/\($0)")
        }
    }

    private func key() throws -> CosignatureVerifier {
        let line = try #require(try Program.run("witness", "key", "--state", folder["witness"]).lines.first)
        return try CosignatureVerifier(parsing: line)
    }

    @Test func itCosignsWhatContinuesAndCatchesEveryRewriting() throws {
        let witness = try RunningServer.witness(folder, of: signer.verifier.text)
        let honest = History(300)
        let given = try ask(witness, honest, from: 0)
        #expect(given.status == 200)
        let note = try honest.checkpoint(by: signer)
        #expect(try note.adding(answer: given.body, of: [key()]).cosignatures(of: [key()]).count == 1)
        #expect(try ask(witness, honest, from: 300).status == 200, "the same tree may be cosigned again")

        // Fork, rewriting, and both from whatever size the operator pretends to know.
        #expect(try ask(witness, History(300, rewritten: [7]), from: 300).status == 422)
        #expect(try ask(witness, History(400, rewritten: [7]), from: 300).status == 422)
        for (size, old) in [(400, 0), (400, 299), (200, 0), (200, 200), (299, 299)] {
            let refused = try ask(witness, History(size), from: old)
            #expect(refused.status == 409 && refused.conflictSize == 300, "from \(old) to \(size)")
        }
        #expect(try ask(witness, History(200), from: 300).status == 400, "a rollback")
        #expect(try ask(witness, History(400), from: 300).status == 200, "the true history goes on")

        // Of the two trees of 300 entries both checkpoints are kept; the rewriting of 400 could be an unfit proof.
        #expect(try evidence("contradiction") == [History(300, rewritten: [7]).checkpoint(by: signer).encoded])
        #expect(try evidence("cosigned") == [note.encoded])
        #expect(witness.stop().status == 0)
    }

    @Test func strangersCanNeitherRaiseAnAlarmNorTakeThePlaceOfEvidence() throws {
        let witness = try RunningServer.witness(folder, of: signer.verifier.text)
        #expect(try ask(witness, History(300), from: 0).status == 200)
        // Anyone has the log's checkpoints, and can ask with any proof.
        let junk = [MerkleHash(leaf: [1])]
        for size in [300, 400] {
            let body = try WitnessRequest(oldSize: 300, proof: junk, checkpoint: History(size).checkpoint(by: signer))
            #expect(try post(body.encoded, to: witness).status == 422)
        }
        #expect(try evidence("contradiction").isEmpty)
        #expect(!witness.logged.contains("critical") && witness.logged.contains("without a proof that it continues"))

        // A fork is kept whatever the proof and the old size beside it, and each fork once.
        let forks = [[7], [8]].map { History(300, rewritten: $0) }
        for (number, fork) in (forks + forks).enumerated() {
            let stranger = try NoteSigner(name: "stranger.example", seed: Array(repeating: UInt8(number), count: 32))
            let note = try fork.checkpoint(by: signer)
            let line = try stranger.sign(note.text).encoded.dropFirst(note.text.count + 1)
            for (old, status) in [(300, 422), (299, 409)] {
                let request = try WitnessRequest(
                    oldSize: UInt64(old), proof: junk, checkpoint: SignedNote(parsing: note.encoded + line))
                #expect(try post(request.encoded, to: witness).status == status)
            }
        }
        #expect(try Set(evidence("contradiction")) == Set(forks.map { try $0.checkpoint(by: signer).encoded }))
        #expect(try evidence("cosigned").count == 1)
        #expect(witness.logged.contains("A log signed two histories of one size."))
    }

    @Test func aLogIsFollowedThroughAChangeOfItsKey() throws {
        let next = try NoteSigner(name: signer.verifier.name, seed: Array(repeating: 6, count: 32))
        func asked(_ witness: RunningServer, _ size: Int, from old: Int, by signer: NoteSigner) throws -> Int {
            try post(History(size).request(from: old, by: signer).encoded, to: witness).status
        }
        let before = try RunningServer.witness(folder, of: signer.verifier.text)
        #expect(try asked(before, 10, from: 0, by: signer) == 200)
        #expect(try asked(before, 20, from: 10, by: next) == 403)
        _ = before.stop()

        let early = try RunningServer.witness(folder, of: next.verifier.text)
        #expect(try asked(early, 20, from: 10, by: next) == 500)
        #expect(early.logged.contains("give the old one with --log beside it"))
        _ = early.stop()

        let both = try RunningServer.witness(folder, of: signer.verifier.text, next.verifier.text)
        #expect(try asked(both, 15, from: 10, by: signer) == 200)
        #expect(try asked(both, 20, from: 15, by: next) == 200)
        _ = both.stop()

        let after = try RunningServer.witness(folder, of: next.verifier.text)
        #expect(try asked(after, 30, from: 20, by: next) == 200)
        #expect(try asked(after, 40, from: 30, by: signer) == 403)
        _ = after.stop()
    }

    @Test func killedAtAnyMomentItRemembersWhatItCosigned() throws {
        var known = 0
        for size in [10, 256, 300] {
            let witness = try RunningServer.witness(folder, of: signer.verifier.text)
            #expect(
                try ask(witness, History(size, rewritten: [3]), from: 0).conflictSize
                    == (known == 0 ? nil : UInt64(known)))
            if known == 0 {
                // The first word is believed, whatever it says: this is the history from now on.
                known = size
            } else {
                #expect(try ask(witness, History(size, rewritten: [3]), from: known).status == 200)
                known = size
            }
            #expect(try ask(witness, History(size), from: known).status == 422)
            _ = witness.stop(SIGKILL)
        }
    }

    @Test func damagedMemoryIsNeverForgotten() throws {
        let witness = try RunningServer.witness(folder, of: signer.verifier.text)
        #expect(try ask(witness, History(10), from: 0).status == 200)
        let file = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder["witness"]).first { $0.hasPrefix("log-") })
        var bytes = try folder.bytes(of: "witness/\(file)")
        bytes[bytes.count / 2] ^= 1
        try folder.write(bytes, to: "witness/\(file)")
        #expect(try ask(witness, History(20, rewritten: [3]), from: 0).status == 500)
        #expect(witness.logged.contains("damaged"))
    }

    @Test func strangersAndNoiseAreRefused() throws {
        let witness = try RunningServer.witness(folder, of: signer.verifier.text)
        let request = try History(10).request(from: 0, by: signer).encoded
        let other = try NoteSigner(name: "vouchsafe.example/other", seed: Array(repeating: 4, count: 32))
        let impostor = try NoteSigner(name: signer.verifier.name, seed: Array(repeating: 9, count: 32))
        #expect(try post(History(10).request(from: 0, by: other).encoded, to: witness).status == 404)
        #expect(try post(History(10).request(from: 0, by: impostor).encoded, to: witness).status == 403)
        let noises: [[UInt8]] = [
            [], Array("old 0\n".utf8), request.dropLast(), Array(repeating: 10, count: 300_000),
        ]
        for noise in noises {
            #expect(try post(noise, to: witness).status == 400)
        }
        #expect(try post(request, to: witness).status == 200)
    }

    @Test func itsKeyIsItsOwnersAloneAndStays() throws {
        let first = try RunningServer.witness(folder, of: signer.verifier.text)
        let key = try key()
        #expect(key.name == "witness.example/witness")
        let mode = try FileManager.default.attributesOfItem(atPath: folder["witness/key"])[.posixPermissions] as? Int
        #expect(mode == 0o400)
        let second = try Program.run(
            "witness", "serve", "--state", folder["witness"], "--log", signer.verifier.text, "--listen", "localhost:0")
        #expect(second.status == 3, "two on one memory could be told different things")
        _ = first.stop()
        _ = try RunningServer.witness(folder, of: signer.verifier.text).stop()
        #expect(try self.key() == key)
        try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: folder["witness/key"])
        #expect(try Program.run("witness", "key", "--state", folder["witness"]).status == 1)
    }

    @Test(arguments: [
        ["--listen", "localhost:0"], ["--log", "no key", "--listen", "localhost:0"],
        ["--log", "KEY", "--listen", "0.0.0.0:0"], ["--log", "KEY", "--certificate", "only.pem"],
    ])
    func wrongUseIsSaid(_ arguments: [String]) throws {
        let key = signer.verifier.text
        let arguments = arguments.map { $0 == "KEY" ? key : $0 }
        let refused = try Program.run(["witness", "serve", "--state", folder["w"]] + arguments)
        #expect(refused.status == 2, "\(refused.messages)")
        #expect(!folder.exists("w"))
    }
}
