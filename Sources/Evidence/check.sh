#!/bin/sh
# Checks the bag that this file is in, and needs no Daybook: only gzip, sha256sum, jq, ssh-keygen, and a POSIX shell with
# awk, cat, find, mkdir, mkfifo, mktemp, od, rm, sed, sort, tr and wc.
#
#     sh data/check.sh [ALLOWED_SIGNERS]
#
# ALLOWED_SIGNERS is a file of the signers whom you trust (see ssh-keygen(1)). Without it, the file in the bag is used,
# which you can trust only as much as whoever gave you the bag. Prints a line for each check, and names each failure.
# Exits with 0 if all is as it should be, otherwise with 1.
#
# Nothing is written into the bag. Lists of its files are kept in a temporary folder in $TMPDIR or /tmp.
#
# A bag may have 100,000 files, so no process is started for a file or a line that is as it should be. awk takes texts
# apart and compares, jq only translates JSON to lines, and one sha256sum computes many hashes. Everything in the bag may
# be forged: no text of it becomes a command, and only files are opened that are regular and have the path that a file of
# an export has.
set -eu
export LC_ALL=C
unset CDPATH
umask 077
nl='
'
signers=${1:-}
case $signers in '' | /*) ;; *) signers=$PWD/$signers ;; esac
tmp=${TMPDIR:-/tmp}
case $tmp in /*) ;; *) tmp=$PWD/$tmp ;; esac
case $0 in */*) cd "${0%/*}/.." ;; *) cd .. ;; esac
if [ -z "$signers" ] && [ -f data/allowed_signers ]; then signers=$PWD/data/allowed_signers; fi

job=
tmp=$(mktemp -d "$tmp/daybook-check.XXXXXX")
export tmp
trap 'rm -rf "$tmp"' EXIT
trap 'if [ -n "$job" ]; then kill "$job" && wait "$job"; fi 2>/dev/null; exit 1' HUP INT TERM

failures=0 reported=0
# Control characters, those of ISO 8859 in UTF-8 too, could be commands to a terminal.
printable() { sed "s/$(printf '\302[\200-\237]')/?/g; s/[[:cntrl:]]/?/g"; }
say() { printf '%s\n' "$*" | printable; }
fail() { failures=$((failures + 1)) && say "FAIL  $*"; }
# Reports the lines of a file, which are as `say` and `fail` print them.
report() {
    printable <"$1"
    failures=$((failures + $(awk '/^FAIL/ { count++ } END { print count + 0 }' "$1")))
}
# Reports that checks passed, unless one failed since the last call.
ok() { if [ "$failures" = "$reported" ]; then say "ok    $*"; else reported=$failures; fi; }
sum_of_input() { set -- "$(sha256sum)" && printf '%s' "${1%% *}"; }
is_file() { [ -f "$1" ] && [ ! -L "$1" ]; }

# --- The record of the export, which says what to expect. It proves nothing.

export_is() { # FILTER, WHAT IT MEANS IF THAT IS FALSE
    is_file data/export.json && jq -es "length == 1 and (.[0] | $1)" data/export.json >/dev/null 2>&1 ||
        { fail "data/export.json: $2" && exit 1; }
}
export_is '(.archive | type == "string") and (.scope | . == "all" or . == "business" or . == "unassigned")
    and (if .scope == "business" then .business | type == "string" else has("business") | not end)
    and ([.from, .to | . == null or test("^[0-9]{4}-[0-9]{2}-[0-9]{2}\\z")] | all)
    and all(.seals[]; (.environment | . == "production" or . == "sandbox")
        and (.number | type == "number" and . >= 1 and . < 1e9 and . == floor)
        and (.path | test("^_seals/[0-9]{4}-[0-9]{2}-[0-9]{2}([.]r[1-9][0-9]{0,6})?[.]sha256\\z")))
    and all(.pruned[]?; (.environment | . == "production" or . == "sandbox")
        and (.day | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}\\z")))' "cannot be read"
export_is '.seals | group_by(.environment) as $chains | . == ($chains | add // [])
    and all($chains[]; map(.number) as $n | $n == [range($n[0]; $n[0] + ($n | length))])' "the chain has a gap"
scope=$(jq -r .scope data/export.json)
export scope
jq -r '.business | tojson' data/export.json >"$tmp/business"
jq -r '.pruned[]? | "\(.environment) \(.day)"' data/export.json >"$tmp/pruned"
say "$(jq -r '"of \({all: "all businesses", unassigned: "unassigned events"}[.scope] // (.business | tojson)), " +
    "days \(.from // "first") to \(.to // "last"), archive \(.archive)"' data/export.json)"

# --- The bag: it contains exactly the files that its manifests list.

# Reports the lines of the first list that are not in the second.
missing() { # LIST, LIST, WHAT IS WRONG WITH THEM
    other=$2 wrong=$3 awk 'BEGIN { while ((getline line < ENVIRON["other"]) > 0) there[line] }
        !($0 in there) { print "FAIL  " $0 ": " ENVIRON["wrong"] }' "$1" >"$tmp/missing"
    report "$tmp/missing"
}

# A manifest lists what is there. If it does not, only the files that are there are hashed: no other path is opened.
manifest() { # FILE, LIST OF WHAT IS THERE
    sed 's/^[0-9a-f]\{64\}  //' "$1" >"$tmp/listed"
    if [ "$(sum_of_input <"$tmp/listed")" = "$(sum_of_input <"$2")" ]; then
        sums=$(sha256sum --strict --quiet -c "$1" 2>&1) || fail "$1: $sums"
        return 0
    fi
    fail "$1: does not list exactly the files here"
    missing "$2" "$tmp/listed" "is not listed"
    missing "$tmp/listed" "$2" "is not here"
    there=$2 awk 'BEGIN { while ((getline line < ENVIRON["there"]) > 0) there[line] }
        substr($0, 67) in there' "$1" >"$tmp/listed"
    sums=$(sha256sum --quiet -c "$tmp/listed" 2>&1) || fail "$1: $sums"
}

for entry in * .[!.]* ..?*; do
    case $entry in
    bag-info.txt | bagit.txt | data | manifest-sha256.txt | tagmanifest-sha256.txt | '.[!.]*' | '..?*') ;;
    *) fail "$entry: does not belong to the bag" ;;
    esac
done
printf '%s\n' bag-info.txt bagit.txt manifest-sha256.txt >"$tmp/tags"
while IFS= read -r entry; do
    is_file "$entry" || { fail "$entry: is not a file of the bag" && exit 1; }
done <<END
$(cat "$tmp/tags")
tagmanifest-sha256.txt
END
find data ! -type f ! -type d -o -name '*[[:cntrl:]]*' >"$tmp/odd"
if [ -s "$tmp/odd" ]; then
    sed 's/.*/FAIL  &: a link, or not a regular file, or a name with a control character/' "$tmp/odd" >"$tmp/findings"
    report "$tmp/findings"
    exit 1
fi
# In the order of the manifest: a folder is before what follows its name.
find data -type f | tr '/' '\001' | sort | tr '\001' '/' >"$tmp/found"
manifests() {
    manifest manifest-sha256.txt "$tmp/found"
    manifest tagmanifest-sha256.txt "$tmp/tags"
}
# In the background. What it prints is reported below.
manifests >"$tmp/manifests" &
job=$!

# From here on, a file is opened only if its path is one of an export. Prints the kind of each, its path, and its day.
day='[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
revision='([.]r[1-9][0-9]*)?'
kinds() {
    awk '
        # The day begins at a distance from the end of the path.
        function is(kind, at) { print kind, $0, folder "/" substr(rest, at, 10) }
        /^data\/(statement[.]txt|check[.]sh|export[.]json|allowed_signers)$/ { next }
        {
            match($0, /^data\/environment=(production|sandbox)\//)
            folder = substr($0, 1, RLENGTH - 1)
            rest = substr($0, RLENGTH + 1)
        }
        rest ~ /^business=[A-Za-z0-9._+~-]+\/day='"$day"'\/events[.]ndjson[.]gz$/ { is("archive", length(rest) - 26); next }
        rest ~ /^_ledger\/business=[A-Za-z0-9._+~-]+\/'"$day"'[.]ndjson[.]gz$/ { is("ledger", length(rest) - 19); next }
        rest ~ /^_seals\/'"$day"'\/[0-9a-f]+'"$revision"'[.]sha256$/ { is("leaf", 8); next }
        rest ~ /^_seals\/'"$day$revision"'[.]sha256$/ { is("seal", 8); next }
        rest ~ /^_seals\/'"$day$revision"'[.]json$/ { is("statement", 8); next }
        rest ~ /^_seals\/'"$day$revision"'[.]sha256[.]sig$/ { is("signature", 8); next }
        { print "FAIL  " $0 ": does not belong to an export" > (ENVIRON["tmp"] "/foreign") }' "$tmp/found"
}
: >"$tmp/foreign"
kinds >"$tmp/kinds"
awk '$1 == "seal" { is_seal[$2] }
    $1 == "signature" && !(substr($2, 1, length($2) - 4) in is_seal) { print "FAIL  " $2 ": has no seal" }' \
    "$tmp/kinds" >>"$tmp/foreign"

# --- The leaves: what each lists is what its statement says. Whether a seal lists the leaf is checked below.

# Prints the lines of leaves: `@` and the path, a space and the statement, and `=` and each line that follows.
leaf_lines() {
    awk '$1 == "leaf" {
        print "@" $2
        for (number = 1; number <= 4 && (getline line < $2) > 0; number++)
            print (number > 1 ? "=" line : line ~ /^# / ? " " substr(line, 3) : "?")
        close($2)
    }
    END { print "@" }' "$tmp/kinds"
}

# Translates statements to 19 fields, each as JSON and without a tab. What is not a statement becomes `?`.
statement_fields() {
    jq -Rr 'def fields(f): [f | tojson] | join("\t");
        def file: if . == null then "-\t-\t-\t-\t-" else fields(.path, .lines, .text_sha256, .gzip_sha256, .lines_sha256) end;
        if startswith(" ") | not then . else
            try (fromjson | fields(.environment, .day, .revision, .business, .archived, .redelivered, .quarantined,
                .released, .discarded) + "\t" + (.archive | file) + "\t" + (.ledger | file)) catch "?"
        end'
}

# Prints a line for each leaf: its path, what is wrong with it or `ok`, its counts, and its two files: path, number of
# lines, SHA-256 of their text, of the file, and of the hashes of the lines.
leaf_table() {
    awk -F '\t' '
        function is_count(field) { return field ~ /^(0|[1-9][0-9]*)$/ && length(field) <= 12 }
        function is_hash(field) { return length(field) == 66 && field ~ /^"[0-9a-f]+"$/ }
        # The fields of a file in the bag from the number `at` on. Its line in the leaf is added to `lists`.
        function file(at, pattern,   path) {
            if ($at == "-") return " - - - - -"
            path = substr($at, 2, length($at) - 2)
            if ($at != "\"" path "\"" || path !~ pattern || !is_count($(at + 1)) || $(at + 1) == "0" ||
                !is_hash($(at + 2)) || !is_hash($(at + 3)) || !is_hash($(at + 4))) { wrong = "statement"; return "" }
            lists = lists "=" substr($(at + 3), 2, 64) "  " path "\n"
            gsub("%", "+", path)
            return " " path " " $(at + 1) " " substr($(at + 2), 2, 64) " " substr($(at + 3), 2, 64) " " substr($(at + 4), 2, 64)
        }
        function read_statement(   i, part, name) {
            split(leaf, part, "/")
            name = part[5]
            if (NF != 19 || "\"" substr(part[2], 13) "\"" != $1 "" || "\"" part[4] "\"" != $2 "") return "statement"
            if ((match(name, /[.]r[0-9]+/) ? substr(name, RSTART + 2, RLENGTH - 2) : "1") != $3 "") return "statement"
            if (ENVIRON["scope"] != "all" && business != $4 "") return "statement"
            for (i = 5; i <= 9; i++) if (!is_count($i)) return "statement"
            if ($10 == "-" && $5 != "0" || $15 == "-" && $6 $7 $8 $9 != "0000") return "statement"
            wrong = "ok"
            files = file(10, "^business=[A-Za-z0-9._%~-]+/day=" part[4] "/events[.]ndjson[.]gz$")
            files = files file(15, "^_ledger/business=[A-Za-z0-9._%~-]+/" part[4] "[.]ndjson[.]gz$")
            counts = " " $5 " " $6 " " $7 " " $8 " " $9
            return wrong
        }
        BEGIN { getline business < (ENVIRON["tmp"] "/business") }
        /^@/ {
            if (leaf != "") {
                if (wrong == "ok" && listed != lists) wrong = "list"
                print leaf, wrong counts files
            }
            leaf = substr($0, 2)
            wrong = "statement"
            counts = files = lists = listed = ""
            number = 0
            next
        }
        ++number == 1 { wrong = read_statement() }
        number > 1 { listed = listed $0 "\n" }'
}
leaf_lines | statement_fields | leaf_table >"$tmp/leaves"

# --- The texts of archives and ledgers: which of them can be read, and where each ends.

# Writes the list to files of some hundred lines each: LIST.1, LIST.2, and so on.
split_list() { # LIST
    awk 'NR % 1000 == 1 { close(part); part = FILENAME "." ++parts } { print > part }' "$1"
}

# Whether all files are complete gzip files without a NUL, which not every awk can read.
are_readable() {
    [ $(($({ gzip -cd "$@" 2>/dev/null || printf '\000'; } | tr -cd '\000' | wc -c))) = 0 ]
}

# Reports the archives and ledgers that cannot be read, and lists the others in `files`.
readable_files() {
    awk '$1 == "archive" || $1 == "ledger" { print $2 }' "$tmp/kinds" >"$tmp/all"
    split_list "$tmp/all"
    : >"$tmp/findings" >"$tmp/unreadable"
    for list in "$tmp"/all.*; do
        # The paths have no character that a shell splits or expands.
        # shellcheck disable=SC2046
        if [ ! -f "$list" ] || are_readable $(cat "$list"); then continue; fi
        while read -r path; do
            if ! gzip -t "$path" 2>/dev/null; then wrong="is not a complete gzip file"
            elif ! are_readable "$path"; then wrong="contains a NUL, or ends within a line"
            else continue; fi
            printf '%s\n' "FAIL  $path: $wrong" >>"$tmp/findings"
            printf '%s\n' "$path" >>"$tmp/unreadable"
        done <"$list"
    done
    awk 'BEGIN { while ((getline path < (ENVIRON["tmp"] "/unreadable")) > 0) is_unreadable[path] }
        !($0 in is_unreadable)' "$tmp/all" >"$tmp/files"
}
readable_files

wait "$job" || fail "the manifests were not checked"
job=
report "$tmp/manifests"
ok "manifests: every file has its hash, and there is no other"
report "$tmp/foreign"
report "$tmp/findings"

# After the text of each file, `unpack` prints a line that nobody who made a bag can have known: one gzip unpacks many files,
# and it is seen where each ends.
secret=$({ printf '%s\n' "$tmp" && od -N 32 /dev/urandom; } | sum_of_input)
printf '%s\n' "$secret" | gzip -c >"$tmp/secret.gz"
export secret
unpack() { # LIST
    set -f
    IFS=$nl
    # shellcheck disable=SC2046
    set -- $(awk '{ print $1; print ENVIRON["tmp"] "/secret.gz" }' "$1")
    gzip -cd "$@" 2>/dev/null
}

# For awk: hashes texts without a file or a process for each. One sha256sum reads one named pipe after the other, in the
# folder `pipes`. `next_pipe` returns the pipe for the next text, and `end_pipe` ends it. `is_hashed` is called later, with
# the number of the pipe and the SHA-256. A process that is started has the pipes that are open, and a pipe has no end
# while a process has it. So none is open when sha256sum is started.
hashing='
    function next_pipe(   i) {
        if (!used) {
            hasher = "cd \"$pipes\" && exec sha256sum"
            for (i = 1; i <= 200; i++) hasher = hasher " " i
            hasher = hasher " >sums"
            printf "" | hasher
        }
        pipe = ENVIRON["pipes"] "/" ++used
        printf "" > pipe
        return pipe
    }
    function end_pipe() {
        close(pipe)
        if (used == 200) end_hashing()
    }
    function end_hashing(   count, hashed, line) {
        if (!used) return
        count = used
        while (used < 200) close(next_pipe())
        close(hasher)
        used = 0
        while ((getline line < (ENVIRON["pipes"] "/sums")) > 0)
            if (++hashed <= count) is_hashed(substr(line, 67), substr(line, 1, 64))
        close(ENVIRON["pipes"] "/sums")
        if (hashed != 200) is_incomplete = 1
    }'
make_pipes() { # NAME
    mkdir "$tmp/$1"
    # shellcheck disable=SC2046
    (cd "$tmp/$1" && mkfifo $(awk 'BEGIN { for (i = 1; i <= 200; i++) print i }'))
}

# For awk: takes the texts apart that `unpack` prints for a list. `start_file` and `end_file` are called for each file,
# whose number is in `file`, and `take_line` for each line, whose number is in `number`, with its LF.
texts='
    BEGIN {
        secret = ENVIRON["secret"]
        while ((getline line < ENVIRON["list"]) > 0) {
            split(line, part, " ")
            path[++files] = part[1]
            limit[files] = part[2]
        }
        file = 1
        start_file()
    }
    function next_file() {
        end_file()
        number = 0
        if (++file <= files) start_file()
    }
    $0 == secret { next_file(); next }
    { number++ }
    substr($0, length($0) - length(secret) + 1) == secret {
        take_line(substr($0, 1, length($0) - length(secret)), "")
        next_file()
        next
    }
    { take_line($0, "\n") }
    END {
        end_hashing()
        if (file != files + 1 || is_incomplete) exit 1
    }'

# --- The states of files that leaves list: their first lines. They are hashed in the background, and compared below.

# Prints the path of each file, with `-` for all of its lines, and with each number of lines that an earlier leaf lists.
states() {
    awk 'BEGIN {
            while ((getline < (ENVIRON["tmp"] "/leaves")) > 0) {
                split($1, part, "/")
                add(part[1] "/" part[2] "/" $8, $9)
                add(part[1] "/" part[2] "/" $13, $14)
            }
        }
        # Only the longest state can be the whole file.
        function add(path, lines) {
            if (lines + 0 > longest[path] + 0) {
                if (longest[path] != "") earlier[path] = earlier[path] " " longest[path]
                longest[path] = lines
            } else if (lines + 0 < longest[path] + 0) earlier[path] = earlier[path] " " lines
        }
        {
            print $1, "-"
            count = split(earlier[$1], lines, " ")
            for (i = 1; i <= count; i++) print $1, lines[i]
        }' "$tmp/files"
}

# Writes for each state: path, number of lines, how many are of each kind, of another kind, and lost, and the SHA-256.
hash_state='
    function start_file() {
        other = lost = 0
        split("", count)
        pipe = next_pipe()
    }
    function take_line(line, lf,   kind) {
        if (limit[file] != "-" && number > limit[file] + 0) { number--; return }
        printf "%s%s", line, lf > pipe
        kind = match(line, /^[{]"kind":"[a-z]*"/) ? substr(line, 10, RLENGTH - 10) : ""
        if (kind ~ /^(redelivery|quarantine|release|discard)$/) count[kind]++
        else other++
        if (line ~ /,"gone":"lost","record":[0-9]*[}]$/ && !index(line, ",\"data\":")) lost++
    }
    function end_file() {
        state[used] = path[file] " " number " " count["redelivery"] + 0 " " count["quarantine"] + 0 " " \
            count["release"] + 0 " " count["discard"] + 0 " " other " " lost
        end_pipe()
    }
    function is_hashed(i, hash) { print state[i], hash }'
hash_states() {
    for list in "$tmp"/states.*; do
        if [ ! -f "$list" ]; then continue; fi
        unpack "$list" | list=$list pipes=$tmp/texts awk "$hash_state$hashing$texts" || return 1
    done >"$tmp/hashed"
}
states >"$tmp/states"
split_list "$tmp/states"
make_pipes texts
hash_states &
job=$!

# --- The lines: each payload has the SHA-256 in its line.

# Checks each line without jq, and prints what jq has to translate: `#` and the path of a file; then of each line
# - a space and the members before `data`, in an archive,
# - `+`, its number, its SHA-256 and the payload in base64, if it has `rawbody`,
# - `=` and the line, if it may have `rawbody` after `data`, or both.
check_lines='
    function start_file() {
        gone = 0
        is_archive = path[file] ~ /\/events[.]ndjson[.]gz$/
        print "#" path[file]
    }
    function end_file() { print path[file], number, gone > (ENVIRON["list"] ".totals") }
    function fail(what) { print "FAIL  " path[file] ": " what > (ENVIRON["list"] ".findings") }
    function fail_payload(path, number) {
        print "FAIL  " path ": line " number ": the payload does not have the SHA-256 in its line" > (ENVIRON["list"] ".findings")
    }

    # The text between the first `start` and the next quote.
    function member(head, start,   at) {
        at = index(head, start)
        if (!at) return ""
        head = substr(head, at + length(start))
        return substr(head, 1, index(head, "\"") - 1)
    }
    # Whether it ends as a tombstone does.
    function is_tombstone(head,   at) {
        at = index(head, ",\"gone\":\"")
        return at && index(substr(head, at + 9), "\",\"record\":") && substr(head, length(head)) == "}"
    }
    function take_line(line, lf,   at, head, hash, payload) {
        if (lf == "") fail("contains a NUL, or ends within a line")
        at = index(line, ",\"data\":")
        head = at ? substr(line, 1, at - 1) : line
        hash = member(head, ",\"sha256\":\"")
        if (index(head, ",\"rawbody\":\"")) {
            payload = member(head, ",\"rawbody\":\"")
            if (length(hash) == 64 && hash !~ /[^0-9a-f]/ && payload ~ /^[A-Za-z0-9+\/]+=?=?$/ && length(payload) % 4 == 0)
                print "+" number, hash, payload
            else fail_payload(path[file], number)
        } else if (substr(line, 1, 15) == "{\"specversion\":") {
            if (is_tombstone(head) && !at) gone++
            else if (is_tombstone(head) || !at) fail_payload(path[file], number)
            else {
                pipe = next_pipe()
                printf "%s", substr(line, at + 8, length(line) - at - 7 - (substr(line, length(line)) == "}")) > pipe
                expected[used] = hash
                path_of[used] = path[file]
                number_of[used] = number
                end_pipe()
            }
        } else if (substr(line, 1, 9) != "{\"kind\":\"") fail_payload(path[file], number)
        else if (index(head, ",\"gone\":\"")) gone++
        if (index(line, ",\"rawbody\":\"")) print "=" line
        if (is_archive) print " " head (at ? "}" : "")
    }
    function is_hashed(i, hash) { if (hash "" != expected[i] "") fail_payload(path_of[i], number_of[i]) }
    '

# Translates that. What begins with `#` stays. The members before `data` become four fields. `+` is followed by the payload,
# each line after `-`. `=` is all that is left of a line whose `data` is the same as its `rawbody` to who reads JSON, or
# nested deeper than jq reads; otherwise it is `!`. What is not JSON becomes `!`, too.
translate_lines() {
    jq -Rr '
        if startswith(" ") then
            try (fromjson | [.id, .subject, .specversion, .source | tojson] | join("\t")) catch "!"
        elif startswith("=") then
            try (.[1:] | fromjson | select(has("rawbody") and has("data"))
                | if .data == (.rawbody | @base64d | fromjson) then empty else "!data" end)
            catch (if startswith("Exceeds depth") then empty else "!data" end)
        elif startswith("+") then
            split(" ") | "\(.[0]) \(.[1])", "-" + (.[2] | try @base64d catch "" | split("\n") | join("\n-"))
        else . end' 2>/dev/null | tr -d '\000'
}

# Checks what jq has translated. The members before `data` are of this environment and business, and no id is there twice.
check_translated='
    function fail(what) { print "FAIL  " path ": " what > (ENVIRON["list"] ".more") }
    function end_payload() { if (in_payload) end_pipe(); in_payload = 0 }
    BEGIN { FS = "\t"; getline business < (ENVIRON["tmp"] "/business") }
    /^-/ {
        if (in_payload) printf "%s%s", (in_payload++ > 1 ? "\n" : ""), substr($0, 2) > pipe
        next
    }
    { end_payload() }
    /^[+]/ {
        split($0, part, " ")
        pipe = next_pipe()
        in_payload = 1
        where[used] = path ": line " substr(part[1], 2)
        expected[used] = part[2]
        next
    }
    /^#/ {
        end_file()
        path = substr($0, 2)
        is_archive = path ~ /\/events[.]ndjson[.]gz$/
        lines = is_wrong = differs = 0
        split("", ids)
        split(path, part, "/")
        source = "\"/lehjah/" substr(part[2], 13) "\""
        next
    }
    $0 == "!data" { differs = 1; next }
    !lines++ { subject = $2 }
    NF != 4 || $1 !~ /^"/ || $1 in ids || $2 "" != subject "" || $3 "" != "\"1.0\"" || $4 "" != source { is_wrong = 1 }
    ENVIRON["scope"] != "all" && $2 "" != business "" { is_wrong = 1 }
    { ids[$1] }
    function end_file() {
        if (differs) fail("has a line whose data is not its rawbody")
        if (is_archive && (is_wrong || !lines)) fail("has a line of another business or environment, or an id twice")
    }
    function is_hashed(i, hash) {
        if (hash "" != expected[i] "")
            print "FAIL  " where[i] ": the payload does not have the SHA-256 in its line" > (ENVIRON["list"] ".more")
    }
    END {
        end_payload()
        end_hashing()
        if (path != "end" || is_incomplete) exit 1
    }'
split_list "$tmp/files"
make_pipes payloads
make_pipes decoded
: >"$tmp/findings" >"$tmp/totals"
for list in "$tmp"/files.*; do
    if [ ! -f "$list" ]; then continue; fi
    : >"$list.totals" >"$list.findings" >"$list.more"
    export list
    unpack "$list" | pipes=$tmp/payloads awk "$check_lines$hashing$texts"' END { print "#end" }' | translate_lines |
        pipes=$tmp/decoded awk "$check_translated$hashing" || fail "data: not every line was checked"
    cat "$list.findings" "$list.more" >>"$tmp/findings"
    cat "$list.totals" >>"$tmp/totals"
done
report "$tmp/findings"
ok "lines: $(awk '$1 ~ /\/events[.]ndjson[.]gz$/ { archives++; events += $2; next }
    { ledgers++; entries += $2 }
    END { print events + 0 " in " archives + 0 " archives, " entries + 0 " in " ledgers + 0 " ledgers" }' "$tmp/totals");" \
    "each payload has its SHA-256"
tombstones=$(awk '{ count += $3 } END { print count + 0 }' "$tmp/totals")
wait "$job" || fail "data: not every file was hashed"
job=

# --- The seals: one chain, and each leaf as its seal lists it.

# The SHA-256 of the SHA-256 of each of the first lines. A tombstone has that of the line that was there.
line_hashes='
    NR > ENVIRON["lines"] + 0 { exit }
    !index($0, ",\"data\":") && match($0, /,"linehash":"[0-9a-f]*","gone":"[a-z]*","record":[0-9]*[}]$/) {
        hashes[NR] = substr($0, RSTART + 13, 64)
        next
    }
    {
        pipe = next_pipe()
        printf "%s", $0 > pipe
        number[used] = NR
        end_pipe()
    }
    function is_hashed(i, hash) { hashes[number[i]] = hash }
    END {
        end_hashing()
        if (is_incomplete) exit 1
        for (i = 1; i <= ENVIRON["lines"] + 0; i++) print hashes[i]
    }'

# If a leaf does not list the text that is there, lines may have been erased since, and it is to be compared by line. Prints
# path, number of lines, and the hash.
hashes_by_line() {
    awk 'BEGIN { while ((getline < (ENVIRON["tmp"] "/hashed")) > 0) text[$1 " " $2] = $9 }
        function compare(state, hash) {
            if (!(state in text) || text[state] "" == hash "" || state in is_printed) return
            print state
            is_printed[state]
        }
        {
            split($1, part, "/")
            compare(part[1] "/" part[2] "/" $8 " " $9, $10)
            compare(part[1] "/" part[2] "/" $13 " " $14, $15)
        }' "$tmp/leaves" >"$tmp/changed"
    while read -r path lines; do
        hash=$(gzip -cd "$path" 2>/dev/null | lines=$lines pipes=$tmp/payloads awk "$line_hashes$hashing" | sum_of_input)
        printf '%s\n' "$path $lines $hash"
    done <"$tmp/changed"
}
hashes_by_line >"$tmp/by_line"

# The seals in the order of their chains: environment, number, path, `first` or `next`, day, revision, `newest` of the day
# or `earlier`, and `whole` if all of the day is in the bag.
jq -r '. as $export | .seals | . as $seals | keys[] | . as $i | $seals[$i] as $it | $it.path[7:17] as $day
    | [$seals[$i + 1:][] | select(.environment == $it.environment) | .path[7:17]] as $later
    | "\($it.environment) \($it.number) \($it.path) " +
      (if $i == 0 or $seals[$i - 1].environment != $it.environment then "first" else "next" end) +
      " \($day) \($it.path | capture("[.]r(?<r>[0-9]+)[.]").r // "1") " +
      (if $later | index($day) then "earlier" else "newest" end) +
      (if $export.scope == "all" and ($export.from // $day) <= $day and $day <= ($export.to // $day)
       then " whole" else " part" end)' data/export.json >"$tmp/chain"

# Compares the seals with the leaves, and the leaves with the files. Prints failures and notes. Writes `sums`, a line for
# each seal that is here: its path, and what its statement and its place in the chain must be; `unsealed`, the paths of
# files of days without a seal; and `counts`: of seals, of their leaves here, and of leaves of other businesses.
check_seals() {
    awk '
        function fail(what) { print "FAIL  " what }
        BEGIN {
            tmp = ENVIRON["tmp"]
            while ((getline < (tmp "/kinds")) > 0) {
                here[$2] = $1
                day_of[$2] = $3
                path[++paths] = $2
                if ($1 == "seal") is_sealed[$3]
                if ($1 == "leaf") has_leaf[stem($2)]
            }
            while ((getline line < "manifest-sha256.txt") > 0) sum[substr(line, 67)] = substr(line, 1, 64)
            while ((getline < (tmp "/leaves")) > 0) leaf[$1] = substr($0, length($1) + 2)
            while ((getline < (tmp "/hashed")) > 0) {
                kinds[$1 " " $2] = $3 " " $4 " " $5 " " $6
                if ($7 != "0") has_other[$1 " " $2]
                if ($8 != "0") has_lost[$1 " " $2]
                text[$1 " " $2] = $9
            }
            while ((getline < (tmp "/by_line")) > 0) by_line[$1 " " $2] = $3
            while ((getline line < (tmp "/pruned")) > 0) is_pruned["data/environment=" substr(line, 1, index(line, " ") - 1) \
                "/" substr(line, index(line, " ") + 1)]
            unsealed = seals = leaves = others = 0
        }
        # The path of a leaf without its revision.
        function stem(path) { sub(/([.]r[0-9]+)?[.]sha256$/, "", path); return path }

        # The lines are those that an earlier leaf lists, except for tombstones. Of a line that was lost, nobody has the hash.
        function was_rewritten(state, hash) {
            if (newest == "newest" || !(state in by_line)) return 0
            if (by_line[state] "" == hash "") return 1
            if (!(state in has_lost)) return 0
            print "note  lines were lost, so not every line that was sealed is proven: " substr(state, 1, index(state, " ") - 1)
            return 1
        }
        # A file of a leaf: the lines that were sealed; of the newest leaf the whole file. Adds to the sums.
        function check_file(leaf, file, lines, text_sum, file_sum, hash_of_lines, counts,   state, i, each) {
            if (file == "-") return
            file = folder "/" file
            state = file " " lines
            split(counts, each, " ")
            if (here[file] != "archive" && here[file] != "ledger") {
                # Of a pruned day, there is only what its leaves say.
                if (!((folder "/" day) in is_pruned)) { fail(file ": is sealed, but missing"); return }
            } else {
                if (newest == "newest") {
                    accounted[file]
                    if (sum[file] "" != file_sum "") fail(file ": is not as it was sealed")
                }
                if (!(state in text) || text[state] "" != text_sum "" && !was_rewritten(state, hash_of_lines)) {
                    fail(file ": its first " lines " lines are not those that " leaf " lists")
                    return
                }
                if (here[file] == "ledger" && state in has_other) fail(file ": has a line of another kind")
                if (counts "" != (here[file] == "ledger" ? "0 " kinds[state] : lines " 0 0 0 0") "")
                    fail(file ": its counts are not those of " leaf)
            }
            for (i = 1; i <= 5; i++) sums[i] += each[i]
        }
        function check_leaf(path, hash,   field) {
            if (sum[path] "" != hash "") { fail(path ": is not as its seal lists it"); return }
            split(leaf[path], field, " ")
            if (field[1] != "ok" && field[1] != "list") {
                fail(path ": has no statement of this business, day and revision")
                return
            }
            check_file(path, field[7], field[8], field[9], field[10], field[11], field[2] " 0 0 0 0")
            check_file(path, field[12], field[13], field[14], field[15], field[16], "0 " field[3] " " field[4] " " field[5] " " field[6])
            if (field[1] == "list") fail(path ": does not list the files of its statement")
        }
        # A line of a seal: a leaf, its statement, or last of all the seal before it.
        function check_line(line,   hash, name, of) {
            hash = substr(line, 1, 64)
            name = substr(line, 67)
            if (link != "" || hash ~ /[^0-9a-f]/ || substr(line, 65, 2) != "  " || name in was_listed && was_listed[name] == NR) {
                fail(seal ": lists a file that does not belong in a seal")
                return
            }
            was_listed[name] = NR
            if (name ~ ("^_seals/" day "/[0-9a-f]+([.]r[1-9][0-9]*)?[.]sha256$")) {
                listed++
                of = match(name, /[.]r[0-9]+/) ? substr(name, RSTART + 2, RLENGTH - 2) : "1"
                name = folder "/" name
                if (here[name] == "leaf") {
                    if (of "" == revision "") {
                        accounted[name]
                        leaves++
                    }
                    check_leaf(name, hash)
                } else if (whole == "whole" || stem(name) in has_leaf) fail(name ": is listed by " seal ", but missing")
                else others++
            } else if (name == statement) {
                if (ENVIRON["scope"] == "all") {
                    accounted[folder "/" name]
                    if (sum[folder "/" name] "" != hash "") fail(folder "/" name ": is not as its seal lists it")
                }
            } else if (name ~ /^_seals\/[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]([.]r[1-9][0-9]*)?[.]sha256$/) link = name
            else fail(seal ": lists a file that does not belong in a seal")
        }
        {
            folder = "data/environment=" $1
            day = $5
            revision = $6
            newest = $7
            whole = $8
            seal = folder "/" $3
            statement = substr($3, 1, length($3) - 6) "json"
            if (here[seal] != "seal") { fail(seal ": is missing"); next }
            accounted[seal]
            seals++
            for (i = 1; i <= 5; i++) sums[i] = 0
            listed = 0
            link = last = ""
            while ((getline line < seal) > 0) {
                check_line(line)
                last = line
            }
            close(seal)
            if (!(statement in was_listed) || was_listed[statement] != NR) fail(seal ": does not list its statement")
            if ($4 == "first" && $2 == "1") {
                if (substr(last, 67) != statement "") fail(seal ": is the first, but lists a seal before it")
            } else if ($4 == "first") {
                if (link == "") fail(seal ": lists no seal before it")
            } else if (last "" != hash_before "  " before) fail(seal ": does not list the seal before it with its hash")
            before = $3
            hash_before = sum[seal]
            print seal, whole, $1, day, $2, revision, listed, sums[1] "," sums[2] "," sums[3] "," sums[4] "," sums[5], link > (tmp "/sums")
        }
        END {
            for (i = 1; i <= paths; i++) {
                if (here[path[i]] == "signature" || path[i] in accounted) continue
                if ((here[path[i]] == "archive" || here[path[i]] == "ledger") && !(day_of[path[i]] in is_sealed)) {
                    print path[i] > (tmp "/unsealed")
                    unsealed++
                } else fail(path[i] ": is not in the newest seal of its day, or in none")
            }
            print seals, leaves, others, unsealed > (tmp "/counts")
        }' "$tmp/chain"
}

signature() { # SEAL
    if [ -n "$signers" ]; then
        who=$(ssh-keygen -Y find-principals -f "$signers" -s "$1.sig" 2>/dev/null </dev/null | sed 1q) || who=
        ssh-keygen -Y verify -f "$signers" -I "$who" -n daybook-seal -s "$1.sig" <"$1" >/dev/null 2>&1 ||
            { fail "$1.sig: is not a signature of the seal by an allowed signer" && return 0; }
    else
        who=$(ssh-keygen -Y check-novalidate -n daybook-seal -s "$1.sig" <"$1" 2>&1) ||
            { fail "$1.sig: is not a signature of the seal" && return 0; }
        who=${who##*signature with }
    fi
    signatures=$((signatures + 1))
    case "$by, " in *", $who, "*) ;; *) by="$by, $who" ;; esac
}

: >"$tmp/sums" >"$tmp/unsealed"
check_seals >"$tmp/findings"
report "$tmp/findings"
read -r seals leaves others unsealed <"$tmp/counts"
signatures=0 by=
while read -r seal whole environment day number revision listed sums link; do
    statement=${seal%.sha256}.json
    if [ "$scope" = all ] && is_file "$statement"; then
        jq -es --arg seal "$environment $day $number $revision $listed $link" --slurpfile export data/export.json \
            --arg sums "$sums" --arg whole "$whole" '
            length == 1 and (.[0] | .archive == $export[0].archive
            and "\(.environment) \(.day) \(.number) \(.revision) \(.leaves) \(.previous // "")" == $seal
            and (.counts | .received == .archived + .redelivered + .quarantined and ($whole != "whole" or
                "\(.archived),\(.redelivered),\(.quarantined),\(.released),\(.discarded)" == $sums)))' \
            "$statement" >/dev/null 2>&1 || fail "$statement: belongs to another seal, or its sums are wrong"
    fi
    if is_file "$seal.sig"; then signature "$seal"; elif [ -n "$signers" ]; then fail "$seal: is not signed"; fi
done <"$tmp/sums"
ok "seals: $seals, each lists the one before it; $leaves leaves, each as it is listed, its files as they were sealed"
if [ "$signatures" = 0 ] && [ -n "$signers" ]; then
    fail "no seal is signed by an allowed signer"
elif [ "$signatures" = 0 ]; then
    say "note  no seal is signed: compare the newest seal's SHA-256 with one that you received when it was made"
elif [ -n "$signers" ]; then
    ok "signatures: $signatures, by ${by#, }"
else
    ok "signatures: $signatures, with ${by#, }"
    say "note  no allowed signers were given: it is not known whose key signed"
fi
sed 's/^/note  pruned, so only its counts are proven: /' "$tmp/pruned" | printable
if [ "$tombstones" != 0 ]; then
    say "note  lines that are gone, erased or lost, each with a tombstone in its place: $tombstones"
fi
sed 's/^/note  not sealed, so not proven: /' "$tmp/unsealed" | printable
if [ "$others" != 0 ]; then say "note  the seals list $others leaves of other businesses"; fi
if [ "$failures" != 0 ]; then say "not as it should be: $failures failures" && exit 1; fi
if [ "$unsealed" = 0 ]; then say "all is as it should be"; else say "all is as it should be, but $unsealed files are not proven"; fi
