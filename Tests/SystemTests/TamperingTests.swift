import Foundation
import TestSupport
import Testing

/// What someone may do to an archive, and the check that finds it.
///
/// The attacker may write everything but the key: files, index, and any hash that can be computed again.
@Suite struct TamperingTests {
    /// A script that changes the `.tar` of the leaves of the 23rd by Python, and packs it as Daybook does.
    private static func repack(_ change: String) -> String {
        """
        python3 -c '
        import gzip, re, struct, sys, zlib
        path = sys.argv[1]
        tar = gzip.open(path).read()
        exec(sys.argv[2])
        block = zlib.compressobj(6, zlib.DEFLATED, -15)
        open(path, "wb").write(
            bytes.fromhex("1f8b08000000000000ff") + block.compress(tar) + block.flush(zlib.Z_FULL_FLUSH)
            + b"\\x03\\x00" + struct.pack("<II", zlib.crc32(tar), len(tar)))' "$E/_seals/2026-11-23.leaves.tar.gz" '\(change.replacing("'", with: #"'"'"'"#))'
        """
    }

    /// Run in the archive's folder; `$E` is the production environment's, `$F` an archive there.
    static let attacks: [Attack] = [
        Attack(
            name: "a byte of an archive is changed", finding: "not independent deflate data|SHA-256|CRC-32",
            script: #"printf X | dd of="$F" bs=1 seek=40 conv=notrunc 2>/dev/null"#),
        Attack(
            name: "an archive is cut", finding: "it has 100 bytes, but",
            script: #"head -c 100 "$F" > t && mv t "$F""#),
        Attack(
            name: "something is appended to an archive", finding: "something follows what the last sweep recorded",
            script: #"gzip -c < /dev/null >> "$F""#),
        Attack(
            name: "a line is removed, and the file packed again", finding: "bytes, but",
            script: #"zcat "$F" | sed 1d | gzip -9 > t && mv t "$F""#),
        Attack(
            name: "a payload is changed, and the file packed again", finding: "it has|header",
            script: #"zcat "$F" | sed 's/250/999/' | gzip -n > t && mv t "$F""#),
        Attack(
            name: "a file is swapped for another day's", finding: "bytes, but|SHA-256",
            script: #"cp "$E/business=acme/day=2026-11-22/events.ndjson.gz" "$F""#),
        Attack(
            name: "an archive is deleted", finding: "there is no such file", script: #"rm "$F""#),
        Attack(
            name: "a ledger is deleted", finding: "there is no such file",
            script: #"rm "$E/_ledger/business=acme/2026-11-23.ndjson.gz""#),
        Attack(
            name: "a day is deleted, and in the index", finding: "the scans counted",
            script: #"""
                rm "$F"
                sqlite3 _index.sqlite "DELETE FROM events WHERE archive IN (SELECT archive FROM archives WHERE day = '2026-11-23');
                  DELETE FROM archives WHERE day = '2026-11-23'"
                """#),
        Attack(
            name: "a day's seal is deleted, and in the index", finding: "of the chain is missing",
            script: #"rm "$E"/_seals/2026-11-22*; sqlite3 _index.sqlite "DELETE FROM seals WHERE day = '2026-11-22'""#),
        Attack(
            name: "an event's row in the index is changed", finding: "line 1 differs from the index",
            script: #"sqlite3 _index.sqlite "UPDATE events SET type = 'NOTHING' WHERE event = 1""#),
        Attack(
            name: "an event's row in the index is removed", finding: "line 1 is missing from the index|the index has",
            script: #"sqlite3 _index.sqlite "DELETE FROM events WHERE event = 1""#),
        Attack(
            name: "a block's row in the index is changed", finding: "the index has a different block",
            script: #"sqlite3 _index.sqlite "UPDATE blocks SET offset = offset + 1""#),
        Attack(
            name: "a quarantined delivery's row is changed", finding: "differs from the index|missing from the index",
            script: #"sqlite3 _index.sqlite "UPDATE quarantine SET reason = 'none'""#),
        Attack(
            name: "counts in the index are changed", finding: "have different counts for sweep",
            script: #"sqlite3 _index.sqlite "UPDATE sweep_days SET received = received + 1""#),
        Attack(
            name: "a sweep's record is changed", finding: "have different counts for sweep|do not add up",
            script: #"""
                zcat _sweeps/1.ndjson.gz | sed 's/"received":[0-9]*/"received":9/' | python3 -c '
                import struct, sys, zlib
                text, block = sys.stdin.buffer.read(), zlib.compressobj(6, zlib.DEFLATED, -15)
                sys.stdout.buffer.write(
                    bytes.fromhex("1f8b08000000000000ff") + block.compress(text) + block.flush(zlib.Z_FULL_FLUSH)
                    + b"\x03\x00" + struct.pack("<II", zlib.crc32(text), len(text)))' > t && mv t _sweeps/1.ndjson.gz
                """#),
        Attack(
            name: "a sweep's record is deleted", finding: "the record of sweep 1 is missing",
            script: "rm _sweeps/1.ndjson.gz"),
        Attack(
            name: "a byte of the leaves is changed", finding: "2026-11-23.leaves.tar.gz: ",
            script: #"printf X | dd of="$E/_seals/2026-11-23.leaves.tar.gz" bs=1 seek=60 conv=notrunc"#),
        Attack(
            name: "the leaves are deleted", finding: "2026-11-23.leaves.tar.gz: it is missing",
            script: #"rm "$E/_seals/2026-11-23.leaves.tar.gz""#),
        Attack(
            name: "a business's statement is changed", finding: "does not have the hash in its seal",
            script: repack(#"tar = re.sub(rb'"archived":\d', b'"archived":7', tar)"#)),
        Attack(
            name: "a leaf is added", finding: "which its seal does not list",
            script: repack(
                """
                name = tar[:100].rstrip(b"\\0").replace(tar[18:50], b"f" * 32)
                head = bytearray(name.ljust(100, b"\\0") + tar[100:148] + b" " * 8 + tar[156:512])
                head[148:156] = b"%06o\\0 " % sum(head)
                size = (int(tar[124:135], 8) + 511) // 512 * 512
                tar = tar[:-1024] + bytes(head) + tar[512:512 + size] + tar[-1024:]
                """)),
        Attack(
            name: "an environment's statement is changed", finding: "its hash is not the one",
            script: #"sed -i 's/"received":[0-9]*/"received":7/' "$E"/_seals/2026-11-23.json"#),
        Attack(
            name: "a seal is changed", finding: "its SHA-256 is",
            script: #"sed -i 1d "$E"/_seals/2026-11-22.sha256"#),
        Attack(
            name: "the clock is set back, and a day sealed by it", finding: "the clock was set back",
            script: #"""
                s="$E/_seals/2026-11-23"
                sed -i 's/"sealed":"20../"sealed":"19/' "$s.json"
                h=$(sha256sum < "$s.json" | cut -c1-64)
                sed -i "s|^.*\(  _seals/2026-11-23.json\)|$h\1|" "$s.sha256"
                rm _index.sqlite*; "$DAYBOOK" reindex --archive .
                """#),
        Attack(
            name: "a file that no sweep wrote is added", finding: "no sweep recorded it",
            script: #"mkdir -p "$E/business=acme/day=2026-11-01" && cp "$F" "$E/business=acme/day=2026-11-01/""#),
        Attack(
            name: "everything is rewritten, and signed by someone else", finding: "its signer is not in",
            script: #"""
                cd .. && mv archive gone && mkdir -p other/production/new other/sandbox/new
                printf '{"event":"RECORD_CREATED","data":{"business_id":"acme","total":1}}' > other/production/new/a
                touch -d 2026-11-22T10:00:00Z other/production/new/a
                ssh-keygen -q -t ed25519 -N "" -f forged
                "$DAYBOOK" sweep --spool other --archive archive --sign-key forged 2>/dev/null
                """#),
        Attack(
            name: "everything is rewritten, and not signed", finding: "it is not signed",
            script: #"""
                cd .. && mv archive gone && mkdir -p other/production/new
                printf '{"event":"RECORD_CREATED","data":{"business_id":"acme","total":1}}' > other/production/new/a
                touch -d 2026-11-22T10:00:00Z other/production/new/a
                "$DAYBOOK" sweep --spool other --archive archive 2>/dev/null
                """#),
    ]

    @Test(arguments: attacks) func tamperingIsFound(_ attack: Attack) throws {
        let folder = try archive()
        let daybook = "\(buildFolder)/daybook"
        let verify = ["verify", "--archive", folder("archive"), "--allowed-signers", folder("allowed")]
        #expect(try run(daybook, verify).status == 0, "before the attack")

        let environment = folder("archive/environment=production")
        let done = try run(
            "sh", ["-c", attack.script], in: folder("archive"),
            environment: [
                "DAYBOOK": daybook, "E": environment,
                "F": "\(environment)/business=acme/day=2026-11-23/events.ndjson.gz",
            ])
        let result = try run(daybook, verify)
        #expect(result.status == 65, "\(done.errors)\(result.text)\(result.errors)")
        #expect(
            attack.isFound(in: result.text + result.errors),
            "found otherwise:\n\(done.errors)\(result.text)\(result.errors)")
    }

    /// An archive of two sealed and signed days, with a redelivery and a quarantined delivery.
    private func archive() throws -> TemporaryDirectory {
        let folder = try TemporaryDirectory()
        let script = #"""
            set -e
            mkdir -p spool/production/new
            drop() { printf '%s' "$2" > .drop && touch -d "$3" .drop && mv .drop "spool/production/new/$1"; }
            drop a '{"event":"RECORD_CREATED","data":{"business_id":"acme","total":1250.00}}' 2026-11-22T10:00:00Z
            drop b '{"event":"TRANSACTION_UPDATED","data":{"business_id":"acme","amount":-250.00}}' 2026-11-23T09:00:00Z
            drop c '{"event":"RECORD_CREATED","data":{"business_id":"acme","total":1250.00}}' 2026-11-23T10:00:00Z
            drop d '{"event":"TRANSACTION_UPDATED","data":{"business_id":"acme","amount":-251.00}}' 2026-11-23T10:30:00Z
            drop e '{"event":"RECORD_CREATED",' 2026-11-23T11:00:00Z
            ssh-keygen -q -t ed25519 -N "" -f key
            echo "daybook $(cat key.pub)" > allowed
            "$DAYBOOK" sweep --sign-key key
            """#
        let result = try run(
            "bash", ["-c", script], in: folder.path, environment: ["DAYBOOK": "\(buildFolder)/daybook"])
        #expect(result.status == 0, "\(result.errors)")
        return folder
    }
}
