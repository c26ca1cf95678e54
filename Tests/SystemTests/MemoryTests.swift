import Foundation
import TestSupport
import Testing

/// A sweep's memory does not grow with the spool.
@Suite struct MemoryTests {
    /// In kilobytes.
    private func peak(ofSweeping count: Int) throws -> Int {
        let bench = try Workbench()
        for number in 0..<count {
            let amount = "\(number).50"
            try bench.receive(
                #"{"event":"NEW_TRANSACTION_CREATED","data":{"business_id":"b\#(number % 50)","amount":\#(amount),"#
                    + #""narration":"\#(String(repeating: "\(number) ", count: 50))"}}"#,
                at: "2025-03-0\(1 + number * 9 / count)T10:00:00Z")
        }
        let result = try bench.daybook("sweep")
        #expect(result.errors.contains("sweep 1: \(count) received = \(count) archived"), "\(result.errors)")
        if count < 50_000 { try bench.verify() }
        return result.peakMemory
    }

    @Test func memoryDoesNotGrowWithTheSpool() throws {
        let count = isLong ? 10_000 : 2000
        let (small, large) = (try peak(ofSweeping: count), try peak(ofSweeping: 10 * count))
        print("peak of sweeping \(count): \(small) kB, and of \(10 * count): \(large) kB")
        #expect(Double(large) <= 1.5 * Double(small))
    }

    /// A hundred auditors at once are a hundred blocks, whatever the archives' size; and one who takes their time keeps
    /// no other waiting.
    @Test func aHundredDownloadsNeedOneBlockEach() throws {
        let bench = try Workbench()
        var generator = SeededGenerator()
        // In megabytes, of payloads that do not compress.
        let size = isLong ? 1000 : 40
        for number in 0..<(4 * size) {
            let noise = Data(
                (0..<24_000).map { _ in generator.next() }.flatMap { word in
                    (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
                }
            ).base64EncodedString()
            try bench.receive(
                #"{"event":"RECORD_CREATED","data":{"business_id":"acme","n":"\#(noise)"}}"#,
                at: "2025-03-0\(1 + number % 4)T10:00:00Z")
        }
        try bench.sweep()
        let token = try bench.sh("daybook auditors add Ada --all-businesses").text
            .trimmingCharacters(in: .newlines)
        let page = try bench.page()
        let before = try page.peakMemory
        let result = try bench.sh(
            """
            get() { curl -fsS -H 'Authorization: Bearer \(token)' "$@"; }
            for n in $(seq 100); do
                rate=; [ $((n % 4)) -ne 0 ] || rate='--limit-rate 100k'
                get $rate -o $n.gz \(page.url)/b/production/acme/2025-03-0$((1 + n % 4))/events.ndjson.gz &
                pids="$pids $!"
            done
            get -o start.html \(page.url)/ && grep -q acme start.html || exit 1
            slow=0
            for pid in $pids; do kill -0 $pid 2>/dev/null && slow=$((slow + 1)); done
            echo $slow
            for n in $(seq 100); do [ $((n % 4)) -eq 0 ] && kill $(echo $pids | cut -d' ' -f$n); done
            wait
            for n in $(seq 100); do [ $((n % 4)) -eq 0 ] || sha256sum < $n.gz; done | sort | uniq -c
            for d in 1 2 3 4; do sha256sum < archive/environment=production/business=acme/day=2025-03-0$d/events.ndjson.gz; done
            """)
        #expect(result.status == 0, "\(result.errors)")
        let lines = result.lines
        #expect(Int(lines.first ?? "") ?? 0 >= 25)
        let got = lines.dropFirst().prefix(3).map { $0.split(separator: " ").map(String.init) }
        #expect(got.allSatisfy { $0.first == "25" && lines.suffix(4).contains("\($0[1])  -") }, "\(lines)")
        let peak = try page.peakMemory
        print("peak of 100 downloads from archives of \(size) MB: \(peak) kB, from \(before) kB")
        #expect(peak < 300_000)
    }
}
