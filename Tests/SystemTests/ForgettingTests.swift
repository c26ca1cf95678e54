import Foundation
import TestSupport
import Testing

/// `erase`, `prune` and `hold` as a user meets them.
@Suite struct ForgettingTests {
    private static func payload(_ business: String, _ number: Int) -> String {
        #"{"event":"BILL_PAID","data":{"business_id":"\#(business)","n":\#(number)}}"#
    }

    /// An archive of two businesses on two days, and the ids of the events of `acme`.
    private func archive(_ bench: Workbench) throws -> [String] {
        let ids = try (1...2).flatMap { day in
            try (1...3).map { number in
                try bench.receive(Self.payload("acme", number), at: "2025-03-0\(day)T10:00:00Z", "production")
            }
        }
        for day in 1...2 { try bench.receive(Self.payload("beta", day), at: "2025-03-0\(day)T11:00:00Z") }
        // The second day's are the same events as the first day's.
        #expect(try bench.daybook("sweep", "--redelivery-window", "0").status == 0)
        return ids
    }

    @Test func argumentsAreChecked() throws {
        try withWorkbench { bench in
            let ids = try archive(bench)
            for (arguments, wanted) in [
                ("erase --id \(ids[0])", "--reason"), ("erase --reason x", "either --business B"),
                ("erase --id \(ids[0]) --business acme --reason x", "either --business B"),
                ("erase --id \(ids[0]) --from 2025-03-01 --reason x", "excludes --from"),
                ("erase --id \(ids[0]) --reason ' '", "--reason is empty"), ("prune --reason x", "--before"),
                ("prune --before yesterday --reason x", "yesterday"), ("hold add", "--reason"),
                ("hold release x --reason y", "x"),
            ] {
                let result = try bench.sh("daybook \(arguments)")
                #expect(result.status == 64 && result.errors.contains(wanted), "\(arguments): \(result.errors)")
            }
            let none = try bench.sh("daybook erase --business nobody --reason x")
            #expect(none.status == 66 && none.errors.contains("there is nothing to erase"))
            #expect(try bench.sh("daybook prune --before 2024-01-01 --reason x").status == 66)
        }
    }

    @Test func anErasureIsCountedThenMadeAndSaidToEveryReader() throws {
        try withWorkbench { bench in
            let ids = try archive(bench)
            let plan = try bench.sh("daybook erase --id \(ids[1]) --id \(ids[4]) --reason asked --json")
            #expect(plan.status == 0 && plan.errors.contains("2 events, in 2 files of 2 days would be erased"))
            #expect(try bench.sh("daybook events | wc -l").text == "8\n")
            let result = try bench.sh(
                "daybook erase --id \(ids[1]) --id \(ids[4]) --reason asked --by ada --yes --json | jq -c '[.record, .events]'"
            )
            #expect(result.text == "[2,2]\n")
            let events = try bench.sh("daybook events --business acme")
            #expect(events.lines.count == 4 && events.errors.contains("2 events left out: erased, or lost"))
            let gone = try bench.sh("daybook events --id \(ids[1])")
            #expect(gone.status == 66 && gone.errors.contains("is gone"))
            #expect(try bench.sh("daybook events --csv | wc -l").text == "7\n")
            #expect(try bench.sh("daybook verify --json | jq -c '[.gone, .findings]'").text == "[2,[]]\n")
            let line = try bench.sh(
                "daybook get --business acme --day 2025-03-01 | zcat | jq -c 'select(.data == null) | [.id, .gone, .record]'"
            )
            #expect(line.text == "[\"\(ids[1])\",\"erased\",2]\n")
            let bundle = try bench.sh("daybook export -o bag && sh bag/data/check.sh")
            #expect(
                bundle.status == 0 && bundle.text.contains("each with a tombstone in its place: 2"), "\(bundle.text)")
            #expect(try bench.sh("grep -c 'since they were erased or lost: 2' bag/data/statement.txt").text == "1\n")
            #expect(try bench.daybook("doctor").status == 0)
        }
    }

    /// The lines of a bundle are proven by the seals from before the erasure, and a forged tombstone is not.
    @Test(arguments: [
        "s/\"linehash\":\"[0-9a-f]\\{4\\}/\"linehash\":\"0000/", "s/,\"linehash\":\"[0-9a-f]*\"//",
        "2s/.*/{\"specversion\":\"1.0\"}/",
    ])
    func aForgedTombstoneIsFound(_ change: String) throws {
        try withWorkbench { bench in
            let ids = try archive(bench)
            #expect(
                try bench.sh("daybook erase --id \(ids[1]) --reason asked --yes && daybook export -o bag").status == 0)
            let result = try bench.sh(
                """
                cd bag && f=data/environment=production/business=acme/day=2025-03-01/events.ndjson.gz
                zcat $f | sed '\(change)' | gzip -n > x && mv x $f
                find data -type f | LC_ALL=C sort | xargs sha256sum > manifest-sha256.txt
                sha256sum bag-info.txt bagit.txt manifest-sha256.txt > tagmanifest-sha256.txt
                sh data/check.sh
                """)
            #expect(result.status == 1, "\(result.text)")
            #expect(result.text.contains("its first 3 lines are not those that"), "\(result.text)")
        }
    }

    @Test func aHoldEndsBothWith77() throws {
        try withWorkbench { bench in
            let ids = try archive(bench)
            #expect(try bench.sh("daybook hold add --business acme --to 2025-03-01 --reason 'case 17'").text == "2\n")
            for command in ["erase --id \(ids[0])", "erase --business acme", "prune --before 2025-03-02"] {
                for yes in ["", " --yes"] {
                    let result = try bench.sh("daybook \(command) --reason x\(yes)")
                    #expect(
                        result.status == 77 && result.errors.contains("hold 2 covers"), "\(command): \(result.errors)")
                }
            }
            #expect(try bench.sh("daybook erase --id \(ids[4]) --reason x --yes").status == 0)
            #expect(
                try bench.sh("daybook hold list --json | jq -c '.[] | [.hold, .business, .reason]'").text
                    == "[2,\"acme\",\"case 17\"]\n")
            #expect(try bench.sh("daybook hold release 2 --reason over").status == 0)
            #expect(try bench.sh("daybook hold list --json").text == "[]\n")
            let pruned = try bench.sh("daybook prune --before 2025-03-02 --reason old --yes --json")
            #expect(pruned.status == 0 && pruned.text.contains("\"events\":4"), "\(pruned.errors)")
            #expect(
                try bench.sh("daybook get --business acme --day 2025-03-01 | cat; daybook list | wc -l").text == "3\n")
            #expect(try bench.sh("daybook verify --json | jq -c '[.pruned, .findings]'").text == "[1,[]]\n")
        }
    }
}
