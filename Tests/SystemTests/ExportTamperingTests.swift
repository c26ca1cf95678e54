import Foundation
import TestSupport
import Testing

/// What someone may do to an export before an auditor gets it, and what `check.sh` says to it.
///
/// The attacker may write everything, and knows how the bag is made: the manifests are computed again, and whatever else
/// contains a hash. They have no key of an allowed signer.
@Suite struct ExportTamperingTests {
    /// `$E` is the production environment's folder, `$A` an archive there, `$L` a ledger; `leaf DAY REVISION` its leaf.
    private static let tools = #"""
        set -eu
        export LC_ALL=C
        E=data/environment=production A=$E/business=acme/day=2025-03-02/events.ndjson.gz
        L=$E/_ledger/business=acme/2025-03-02.ndjson.gz
        hash() { sha256sum < "$1" | cut -c1-64; }
        # The manifests as they should be for what is here.
        rehash() {
            find data -type f | tr / '\001' | sort | tr '\001' / | tr '\n' '\0' | xargs -0 sha256sum > manifest-sha256.txt
            sha256sum bag-info.txt bagit.txt manifest-sha256.txt > tagmanifest-sha256.txt
        }
        # Changes the text of a compressed file.
        edit() { f=$1; shift; zcat "$f" | sed "$@" > t && gzip -n < t > "$f" && rm t; }
        # The acme leaf of a day and revision, and the seal that lists it.
        leaf() { grep -l '"business":"acme"' "$E/_seals/$1"/*.sha256 | grep -v "${2:-[.]r2}"; }
        # Updates the hashes in each list, from the leaves up.
        relist() {
            while read -r sum path; do
                if [ "$sum" = '#' ]; then echo "$sum $path" && continue; fi
                if [ -f "$E/$path" ]; then sum=$(hash "$E/$path"); fi
                echo "$sum  $path"
            done < "$1" > t && mv t "$1"
        }
        chain() {
            for l in "$E"/_seals/*/*.sha256; do relist "$l"; done
            for s in 01 02 03 01.r2 02.r2; do relist "$E/_seals/2025-03-$s.sha256"; done
        }
        """#

    /// Run in the bag, after ``tools``.
    static let attacks: [Attack] = [
        // Without the manifests.
        Attack(
            name: "a byte of an archive is changed", finding: "manifest-sha256.txt: \(archive): FAILED",
            script: #"printf X | dd of="$A" bs=1 seek=40 conv=notrunc 2> /dev/null"#),
        Attack(name: "a file is removed", finding: "\(archive): is not here", script: #"rm "$A""#),
        Attack(name: "a file is added", finding: "data/extra: is not listed", script: "echo > data/extra"),
        Attack(name: "a hidden file is added", finding: "data/.extra: is not listed", script: "echo > data/.extra"),
        Attack(name: "a file is added beside data", finding: "extra: does not belong", script: "echo > extra"),
        Attack(
            name: "a file becomes a link", finding: "\(archive): a link",
            script: #"cp "$A" ../away && ln -sf "$PWD/../away" "$A""#),
        Attack(
            name: "the statement is changed", finding: "statement.txt: FAILED", script: "echo >> data/statement.txt"),
        Attack(name: "bag-info is changed", finding: "bag-info.txt: FAILED", script: "echo A: B >> bag-info.txt"),
        Attack(
            name: "a line of the manifest is removed", finding: "\(archive): is not listed",
            script:
                #"sed -i '/2025-03-02.events/d' manifest-sha256.txt; sha256sum bag*.txt manifest*.txt > tagmanifest-sha256.txt"#
        ),

        // With them: lines.
        Attack(
            name: "a payload is changed", finding: "line 2: the payload does not have the SHA-256",
            script: #"edit "$A" '2s/"n":3/"n":9/'; rehash"#),
        Attack(
            name: "a payload and its hash are changed", finding: "\(archive): is not as it was sealed",
            script: #"""
                p='{"event":"X","data":{"business_id":"acme"}}' h=$(printf %s "$p" | sha256sum | cut -c1-64)
                edit "$A" "2s/\"sha256\":\"[0-9a-f]*\"/\"sha256\":\"$h\"/; 2s/,\"data\":.*/,\"data\":$p}/"; rehash
                """#),
        Attack(
            name: "a time is changed", finding: "\(archive): is not as it was sealed",
            script: #"edit "$A" 's/T08:/T07:/'; rehash"#),
        Attack(
            name: "data is changed, and rawbody is not", finding: "a line whose data is not its rawbody",
            script: #"edit "$A" '1s/"data":{.*/"data":{"event":"RECORD_CREATED","data":{}}}/'; rehash"#),
        Attack(
            name: "rawbody is changed", finding: "line 1: the payload does not have",
            script: #"edit "$A" '1s/"rawbody":"eyJ/"rawbody":"eyK/'; rehash"#),
        Attack(
            name: "a line is removed", finding: "\(archive): is not as it was sealed", script: #"edit "$A" 2d; rehash"#),
        Attack(
            name: "the last line is removed", finding: "its first 2 lines are not those",
            script: #"edit "$A" '$d'; rehash"#),
        Attack(
            name: "all lines are removed", finding: "\(archive): is not as it was sealed",
            script: #"edit "$A" d; rehash"#),
        Attack(
            name: "a line is added", finding: "\(archive): is not as it was sealed",
            script: #"edit "$A" '2{p; s/"id":"..../"id":"ffff/}'; rehash"#),
        Attack(name: "a line is doubled", finding: "or an id twice", script: #"edit "$A" 2p; rehash"#),
        Attack(
            name: "lines are swapped", finding: "\(archive): is not as it was sealed",
            script: #"edit "$A" '1{h;d}; 2G'; rehash"#),
        Attack(
            name: "a line is of another business", finding: "a line of another business",
            script: #"edit "$A" '2s/"subject":"acme"/"subject":"acne"/'; rehash"#),
        Attack(
            name: "the last line does not end", finding: "ends within a line",
            script: #"zcat "$A" | head -c -1 | gzip -n > t && mv t "$A"; rehash"#),
        Attack(
            name: "a line contains a NUL", finding: "contains a NUL",
            script: #"zcat "$A" | sed '2s/"n"/"n\x00"/' | gzip -n > t && mv t "$A"; rehash"#),
        Attack(
            name: "an archive is cut", finding: "is not a complete gzip file",
            script: #"head -c 100 "$A" > t && mv t "$A"; rehash"#),
        Attack(
            name: "an archive is packed again", finding: "\(archive): is not as it was sealed",
            script: #"edit "$A" ''; rehash"#),
        Attack(
            name: "a ledger's payload is changed", finding: "line 2: the payload does not have",
            script: #"edit "$L" 's/"rawbody":"eyJ/"rawbody":"eyK/'; rehash"#),
        Attack(
            name: "a ledger's line is removed", finding: "\(ledger): is not as it was sealed",
            script: #"edit "$L" 1d; rehash"#),

        // Files.
        Attack(
            name: "a day's archive is another's", finding: "\(archive): is not as it was sealed",
            script: #"cp "$E/business=acme/day=2025-03-01/events.ndjson.gz" "$A"; rehash"#),
        Attack(
            name: "an environment's archive is the other's", finding: "of another business or environment",
            script: #"cp "data/environment=sandbox/business=acme/day=2025-03-02/events.ndjson.gz" "$A"; rehash"#),
        Attack(
            name: "an archive is removed", finding: "\(archive): is sealed, but missing", script: #"rm "$A"; rehash"#),
        Attack(name: "a ledger is removed", finding: "\(ledger): is sealed, but missing", script: #"rm "$L"; rehash"#),
        Attack(
            name: "an archive of a sealed day is added", finding: "is not in the newest seal of its day",
            script: #"""
                mkdir "$E/business=acme2" && cp -r "$E/business=acme/day=2025-03-02" "$E/business=acme2"; rehash
                """#),
        Attack(
            name: "something foreign is added", finding: "data/more/x: does not belong",
            script: "mkdir data/more && echo > data/more/x; rehash"),

        // Seals.
        Attack(
            name: "a leaf is removed", finding: "but missing",
            script: #"rm "$(leaf 2025-03-01)"; rehash"#),
        Attack(
            name: "a leaf and all that it lists are removed", finding: "but missing",
            script: #"""
                l=$(leaf 2025-03-01 '[.]r9' | grep r2)
                rm "$l"; rehash
                """#),
        Attack(
            name: "a leaf's statement is removed, and its seal rewritten", finding: "has no statement of this business",
            script: #"sed -i 1d "$(leaf 2025-03-02)"; chain; rehash"#),
        Attack(
            name: "a leaf lists another file than its statement", finding: "does not list the files of its statement",
            script: #"sed -i '$s/.  /0  /; $s/00  /1  /' "$(leaf 2025-03-02)"; chain; rehash"#),
        Attack(
            name: "a leaf is changed", finding: "is not as its seal lists it",
            script: #"echo >> "$(leaf 2025-03-02)"; rehash"#),
        Attack(
            name: "a statement's counts are changed", finding: "is not as its seal lists it",
            script: #"sed -i 's/"redelivered":2/"redelivered":1/' "$(leaf 2025-03-02)"; rehash"#),
        Attack(
            name: "a leaf that no seal lists is added", finding: "is not in the newest seal of its day, or in none",
            script: #"""
                l=$(leaf 2025-03-02); cp "$l" "${l%/*}/0123.sha256"; rehash
                """#),
        Attack(
            name: "a seal is removed", finding: "_seals/2025-03-02.sha256: is missing",
            script: #"rm "$E"/_seals/2025-03-02.sha256*; rehash"#),
        Attack(
            name: "a seal is removed, and its place in the chain", finding: "the chain has a gap",
            script: #"""
                rm "$E"/_seals/2025-03-03.sha256*
                jq -c 'del(.seals[] | select(.path == "_seals/2025-03-03.sha256"))' data/export.json > t
                mv t data/export.json; rehash
                """#),
        Attack(
            name: "a seal is removed, and the others renumbered", finding: "does not list the seal before it",
            script: #"""
                rm "$E"/_seals/2025-03-03.sha256*
                jq -c 'del(.seals[] | select(.path == "_seals/2025-03-03.sha256")) | .seals |= map(
                    if .environment == "production" and .number > 3 then .number -= 1 else . end)' data/export.json > t
                mv t data/export.json; rehash
                """#),
        Attack(
            name: "a leaf is taken off its seal", finding: "does not list the seal before it",
            script: #"sed -i 1d "$E/_seals/2025-03-02.sha256"; rehash"#),
        Attack(
            name: "a revision is hidden, and its leaf", finding: "is not in the newest seal of its day, or in none",
            script: #"""
                rm "$E"/_seals/2025-03-02.r2.sha256*
                jq -c 'del(.seals[] | select(.path == "_seals/2025-03-02.r2.sha256"))' data/export.json > t
                mv t data/export.json; echo > "$E/_seals/2025-03-02/0.r2.sha256"; rehash
                """#),

        // All of it computed again, without the key.
        Attack(
            name: "the whole chain is rewritten", finding: "is not a signature of the seal by an allowed signer",
            script: #"""
                edit "$A" 's/T08:/T07:/'; h=$(hash "$A") x=$(zcat "$A" | sha256sum | cut -c1-64)
                for l in $(leaf 2025-03-02 none); do
                    { sed -n '1s/^# //p' "$l" | jq -c --arg h "$h" --arg x "$x" \
                        '.archive.gzip_sha256 = $h | .archive.text_sha256 = $x' | sed 's/^/# /'; sed 1d "$l"; } > t
                    mv t "$l"
                done
                chain; rehash
                """#),
        Attack(
            name: "the whole chain is rewritten, and not signed", finding: "is not signed",
            script: #"chain; rm "$E"/_seals/*.sig; rehash"#),
        Attack(
            name: "the seals are signed by someone else",
            finding: "is not a signature of the seal by an allowed signer",
            script: #"""
                for s in "$E"/_seals/*.sha256; do rm "$s.sig"; ssh-keygen -q -Y sign -f "$KEY" -n daybook-seal "$s"; done; rehash
                """#),
        Attack(
            name: "the seals are signed for another purpose",
            finding: "is not a signature of the seal by an allowed signer",
            script: #"""
                for s in "$E"/_seals/*.sha256; do rm "$s.sig"; ssh-keygen -q -Y sign -f "$GOOD" -n file "$s"; done; rehash
                """#),
        Attack(
            name: "signatures are swapped", finding: "is not a signature of the seal by an allowed signer",
            script: #"cp "$E/_seals/2025-03-01.sha256.sig" "$E/_seals/2025-03-03.sha256.sig"; rehash"#),
        Attack(
            name: "a signature is removed", finding: "03-03.sha256: is not signed",
            script: #"rm "$E/_seals/2025-03-03.sha256.sig"; rehash"#),
        Attack(
            name: "a signature has no seal", finding: "0000-00-00.sha256.sig: has no seal",
            script: #"echo > "$E/_seals/0000-00-00.sha256.sig"; rehash"#),
        Attack(
            name: "the seals are gone, and all that is theirs",
            finding: "no seal is signed by an allowed signer",
            script: #"rm -r data/*/_seals; jq -c '.seals = []' data/export.json > t && mv t data/export.json; rehash"#),
        Attack(
            name: "export.json names another business", finding: "has no statement of this business",
            script: #"sed -i 's/"business":"acme"/"business":"acne"/' data/export.json; rehash"#),
        Attack(
            name: "export.json is missing", finding: "data/export.json: cannot be read",
            script: "rm data/export.json; rehash"),
        Attack(
            name: "export.json contains commands", finding: "data/export.json: cannot be read",
            script: #"sed -i 's/"number":2/"number":"a[$(touch ..\/pwned)]"/' data/export.json; rehash"#),
    ]

    /// Of what goes in only with all businesses.
    static let attacksOnAll: [Attack] = [
        Attack(
            name: "a business is removed", finding: "but missing",
            script: #"""
                grep -l zephyr "$E"/_seals/*/*.sha256 | xargs rm
                rm -r "$E/business=zephyr-and-sons"; rehash
                """#),
        Attack(
            name: "a business is removed, and the scope narrowed",
            finding: "is not in the newest seal of its day, or in none",
            script: #"""
                find data -name '*zephyr*' -prune -exec rm -r {} +
                jq -c '.scope = "business" | .business = "acme"' data/export.json > t && mv t data/export.json; rehash
                """#),
        Attack(
            name: "an environment's statement is removed", finding: "is not as its seal lists it",
            script: #"rm "$E/_seals/2025-03-02.json"; rehash"#),
        Attack(
            name: "an environment's statement is changed", finding: "is not as its seal lists it",
            script: #"sed -i 's/"received":[0-9]*/"received":7/' "$E/_seals/2025-03-02.json"; rehash"#),
        Attack(
            name: "a sum is changed, and the chain rewritten",
            finding: "belongs to another seal, or its sums are wrong",
            script: #"""
                sed -i 's/"received":[0-9]*/"received":7/' "$E/_seals/2025-03-02.json"; chain; rehash
                """#),
        Attack(
            name: "a count of a business is changed, and the chain rewritten",
            finding: "its counts are not those of",
            script: #"""
                sed -i 's/"redelivered":2/"redelivered":1/' "$(leaf 2025-03-02)"; chain; rehash
                """#),
        Attack(
            name: "the quarantine is emptied",
            finding: "business=_unassigned/2025-03-02.ndjson.gz: is not as it was sealed",
            script: #"edit "$E/_ledger/business=_unassigned/2025-03-02.ndjson.gz" d; rehash"#),
    ]

    private static let archive = "data/environment=production/business=acme/day=2025-03-02/events.ndjson.gz"
    private static let ledger = "data/environment=production/_ledger/business=acme/2025-03-02.ndjson.gz"

    @Test(arguments: attacks) func tamperingIsFound(_ attack: Attack) throws {
        try expectFound(attack, in: Self.bagOfOne.get())
    }

    @Test(arguments: attacksOnAll) func tamperingIsFoundInAnExportOfAll(_ attack: Attack) throws {
        try expectFound(attack, in: Self.bagOfAll.get())
    }

    private static let bagOfOne = Result { try ExportBench.signed.get().export("--business", "acme") }
    private static let bagOfAll = Result { try ExportBench.signed.get().export() }

    private func expectFound(_ attack: Attack, in original: Bag) throws {
        let bench = try ExportBench.signed.get().bench
        let bag = Bag(folder: try TemporaryDirectory(inMemory: true), signers: original.signers)
        try bag.folder.copy("bag", of: original.folder)
        let done = try run(
            "sh", ["-c", "\(Self.tools)\n\(attack.script)"], in: bag.folder("bag"),
            environment: ["KEY": bench.folder("forged"), "GOOD": bench.folder("key")])
        #expect(done.status == 0, "\(done.errors)")
        let result = try bag.check(Bag.shells[attack.name.utf8.count % 2], signers: bag.signers)
        let failures = result.lines.filter { $0.hasPrefix("FAIL") }
        #expect(result.status == 1, "\(result.text)\(result.errors)")
        #expect(failures.contains { attack.isFound(in: $0) }, "\(result.text)\(result.errors)")
        #expect(!FileManager.default.fileExists(atPath: bag.folder("pwned")))
    }
}
