#!/bin/sh
# Checks the bag that this file is in, and needs no Daybook: only a POSIX shell, gzip, sha256sum, sed, base64, jq and
# ssh-keygen.
#
#     sh data/check.sh [ALLOWED_SIGNERS]
#
# ALLOWED_SIGNERS is a file of the signers whom you trust (see ssh-keygen(1)). Without it, the file in the bag is used,
# which you can trust only as much as whoever gave you the bag. Prints a line for each check, and names each failure.
# Exits with 0 if all is as it should be, otherwise with 1.
set -eu
export LC_ALL=C
unset CDPATH
nl='
'
signers=${1:-}
case $signers in '' | /*) ;; *) signers=$PWD/$signers ;; esac
case $0 in */*) cd "${0%/*}/.." ;; *) cd .. ;; esac
if [ -z "$signers" ] && [ -f data/allowed_signers ]; then signers=$PWD/data/allowed_signers; fi

failures=0 reported=0
say() { printf '%s\n' "$*" | sed 's/[[:cntrl:]]/?/g'; }
fail() { failures=$((failures + 1)) && say "FAIL  $*"; }
# Reports that checks passed, unless one failed since the last call.
ok() { if [ "$failures" = "$reported" ]; then say "ok    $*"; else reported=$failures; fi; }
sum_of_input() { set -- "$(sha256sum)" && printf '%s' "${1%% *}"; }
sum() { if [ -f "$1" ]; then sum_of_input <"$1"; fi; }
first_lines() { gzip -cd "$1" | sed "$2q"; }

export_is() { jq -e "$1" data/export.json >/dev/null 2>&1 || { fail "data/export.json: $2" && exit 1; }; }
export_is '(.archive | type == "string") and (.scope | . == "all" or . == "business" or . == "unassigned")
    and (if .scope == "business" then .business | type == "string" else has("business") | not end)
    and ([.from, .to | . == null or test("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")] | all)
    and all(.seals[]; (.environment | . == "production" or . == "sandbox")
        and (.number | type == "number" and . >= 1 and . < 1e9 and . == floor)
        and (.path | test("^_seals/[0-9]{4}-[0-9]{2}-[0-9]{2}([.]r[1-9][0-9]{0,6})?[.]sha256$")))
    and all(.pruned[]?; (.environment | . == "production" or . == "sandbox")
        and (.day | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))' "cannot be read"
export_is '.seals | group_by(.environment) as $chains | . == ($chains | add // [])
    and all($chains[]; map(.number) as $n | $n == [range($n[0]; $n[0] + ($n | length))])' "the chain has a gap"
scope=$(jq -r .scope data/export.json)
pruned=$(jq -r '.pruned[]? | "\(.environment) \(.day)"' data/export.json)
say "$(jq -r '"of \({all: "all businesses", unassigned: "unassigned events"}[.scope] // (.business | tojson)), " +
    "days \(.from // "first") to \(.to // "last"), archive \(.archive)"' data/export.json)"

# --- The bag: it contains exactly the files that its manifests list.

# Prints all files below a folder, in the order of the manifest. Anything else is marked, so that no manifest lists it.
walk() {
    for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
        if [ -L "$entry" ]; then printf '%s\n' "$entry: a link"
        elif [ -d "$entry" ]; then walk "$entry"
        elif [ -f "$entry" ]; then printf '%s\n' "$entry"
        elif [ -e "$entry" ]; then printf '%s\n' "$entry: not a regular file"; fi
    done
}

# Reports the lines of the first list that are not in the second.
missing() { # LIST, LIST, WHAT IS WRONG WITH THEM
    while IFS= read -r path; do
        case $nl$2$nl in *"$nl$path$nl"*) ;; *) fail "$path: $3" ;; esac
    done <<EOF
$1
EOF
}

manifest() { # FILE, WHAT IS THERE
    sums=$(sha256sum --strict --quiet -c "$1" 2>&1) || fail "$1: $sums"
    listed=$(sed 's/^[0-9a-f]\{64\}  //' "$1")
    if [ "$listed" != "$2" ]; then
        fail "$1: does not list exactly the files here"
        missing "$2" "$listed" "is not listed"
        missing "$listed" "$2" "is not here"
    fi
}

found=$(walk data)
manifest manifest-sha256.txt "$found"
manifest tagmanifest-sha256.txt "bag-info.txt${nl}bagit.txt${nl}manifest-sha256.txt"
for entry in * .[!.]* ..?*; do
    case $entry in
    bag-info.txt | bagit.txt | data | manifest-sha256.txt | tagmanifest-sha256.txt | '.[!.]*' | '..?*') ;;
    *) fail "$entry: does not belong to the bag" ;;
    esac
done
ok "manifests: every file has its hash, and there is no other"

# --- The lines: each payload has the SHA-256 in its line.

# Reads lines. Failures go to 3; to 4 how many lines there were, how many failed, how many are tombstones, and the hash of
# what was read. A tombstone has the hash of a payload that is gone.
lines() { # NAME
    {
        number=0 failed=0 gone=0
        while IFS= read -r line; do
            number=$((number + 1))
            head=${line%%,\"data\":*}
            hash=${head#*,\"sha256\":\"} && hash=${hash%%\"*}
            case $head in
            *',"rawbody":"'*)
                payload=${head#*,\"rawbody\":\"}
                is=$(printf '%s' "${payload%%\"*}" | base64 -d 2>/dev/null | sum_of_input)
                ;;
            '{"specversion":'*',"gone":"'*'","record":'*'}')
                if [ "$head" = "$line" ]; then is=$hash gone=$((gone + 1)); else is=none; fi
                ;;
            '{"specversion":'*)
                payload=${line#"$head",\"data\":}
                is=$(printf '%s' "${payload%\}}" | sum_of_input)
                ;;
            '{"kind":"'*',"gone":"'*) is=$hash gone=$((gone + 1)) ;;
            '{"kind":"'*) is=$hash ;;
            *) is=none ;;
            esac
            if [ "$is" != "$hash" ]; then
                failed=$((failed + 1))
                fail "$1: line $number: the payload does not have the SHA-256 in its line" >&3
            fi
            printf '%s\n' "$line"
        done
        printf '%s\n' "$number" "$failed" "$gone" >&4
    } | sum_of_input >&4
}

# The members before `data` are of this environment and business, and no id is there twice.
heads() { # FILE, ENVIRONMENT
    gzip -cd "$1" | sed 's/,"data":.*/}/' | jq -n -e --arg source "/lehjah/$2" --slurpfile export data/export.json '
        [inputs | [.id, .subject, (.specversion == "1.0" and .source == $source)]]
        | (map(.[0]) | unique | length) == length and (map(.[1]) | unique | length) == 1 and all(.[]; .[2])
            and ($export[0].scope == "all" or .[0][1] == $export[0].business)' >/dev/null 2>&1
}

# Where a line has `rawbody`, its `data` is the same to who reads that. (1 is false. Deeper than jq reads is no failure.)
bodies() { # FILE
    gzip -cd "$1" | sed -n '/,"rawbody":"/p' | {
        if IFS= read -r line; then
            { printf '%s\n' "$line" && sed ''; } | jq -n -e 'all(inputs | select(has("rawbody") and has("data"));
                .data == (.rawbody | @base64d | fromjson))' >/dev/null 2>&1 || [ "$?" != 1 ]
        fi
    }
}

# To be accounted for by the seals, below.
accountable=0
archives=0 ledgers=0 events=0 entries=0 tombstones=0 unsealed=
while IFS= read -r path; do
    environment=${path#data/environment=} && environment=${environment%%/*}
    case $path in
    data/statement.txt | data/check.sh | data/export.json | data/allowed_signers) continue ;;
    data/environment=*/_seals/*.sha256.sig) [ -f "${path%.sig}" ] || fail "$path: has no seal" && continue ;;
    data/environment=*/_seals/*.sha256 | data/environment=*/_seals/*.json)
        accountable=$((accountable + 1)) && continue
        ;;
    data/environment=*/_ledger/business=*/*.ndjson.gz) day=${path##*/} && day=${day%.ndjson.gz} ;;
    data/environment=*/business=*/day=*/events.ndjson.gz) day=${path%/*} && day=${day##*/day=} ;;
    *) fail "$path: does not belong to an export" && continue ;;
    esac
    if ! gzip -t "$path" 2>/dev/null; then fail "$path: is not a complete gzip file" && continue; fi
    { report=$(gzip -cd "$path" | lines "$path" 4>&1); } 3>&1
    { read -r count && read -r failed && read -r gone && read -r hash; } <<EOF
$report
EOF
    failures=$((failures + failed)) tombstones=$((tombstones + gone))
    [ "$(gzip -cd "$path" | sum_of_input)" = "$hash" ] || fail "$path: contains a NUL, or ends within a line"
    bodies "$path" || fail "$path: has a line whose data is not its rawbody"
    case $path in
    */events.ndjson.gz)
        archives=$((archives + 1)) events=$((events + count))
        heads "$path" "$environment" || fail "$path: has a line of another business or environment, or an id twice"
        ;;
    *) ledgers=$((ledgers + 1)) entries=$((entries + count)) ;;
    esac
    set -- "data/environment=$environment/_seals/$day".*sha256
    if [ -f "$1" ]; then accountable=$((accountable + 1)); else unsealed="$unsealed${nl}$path"; fi
done <<EOF
$found
EOF
ok "lines: $events in $archives archives, $entries in $ledgers ledgers; each payload has its SHA-256"

# --- The seals: one chain, and each leaf as its seal lists it.

accounted=
account() { accountable=$((accountable - 1)) && accounted=$accounted$nl$1; }

# The hash of the first lines, each by its own hash. A tombstone has the hash of the line that was there.
lines_hash() { # FILE, LINES
    first_lines "$1" "$2" | while IFS= read -r line; do
        case $line in
        *',"data":'*) printf '%s\n' "$(printf '%s' "$line" | sum_of_input)" ;;
        *',"linehash":"'*'","gone":"'*'","record":'*'}')
            line=${line##*,\"linehash\":\"} && printf '%s\n' "${line%%\"*}"
            ;;
        *) printf '%s\n' "$(printf '%s' "$line" | sum_of_input)" ;;
        esac
    done | sum_of_input
}

# The lines are those that an earlier leaf lists, except for tombstones. Of a line that was lost, nobody has the hash.
was_rewritten() { # NEWEST, FILE, LINES, HASH OF THE LINES
    if [ "$1" = newest ] || [ "$(first_lines "$2" "$3" | sed -n '$=')" != "$3" ]; then return 1; fi
    [ "$(lines_hash "$2" "$3")" = "$4" ] && return 0
    first_lines "$2" "$3" | sed '/,"data":/d' | grep -q ',"gone":"lost","record":[0-9]*}$' || return 1
    say "note  lines were lost, so not every line that was sealed is proven: $2"
}

# A file of a leaf: the lines that were sealed; of the newest leaf the whole file. Adds to the sums.
leaf_file() { # STATEMENT, NEWEST, FILE, LINES, SHA-256 OF THEIR TEXT, OF THE FILE, HASH OF THE LINES, COUNTS
    if [ ! -f "$3" ]; then
        # Of a pruned day, there is only what its leaves say.
        case $nl$pruned$nl in
        *"$nl$environment $day$nl"*) read -r ar re qu rl di && add_sums ;;
        *) fail "$3: is sealed, but missing" ;;
        esac <<EOF
$8
EOF
        return 0
    fi
    if [ "$2" = newest ]; then
        account "$3"
        [ "$(sum "$3")" = "$6" ] || fail "$3: is not as it was sealed"
    fi
    if { [ "$(first_lines "$3" "$4" | sum_of_input)" != "$5" ] ||
        [ "$(first_lines "$3" "$4" | sed -n '$=')" != "$4" ]; } && ! was_rewritten "$2" "$3" "$4" "$7"; then
        fail "$3: its first $4 lines are not those that $1 lists"
        return 0
    fi
    ar=0 re=0 qu=0 rl=0 di=0
    case $3 in
    */events.ndjson.gz) ar=$4 ;;
    *)
        for kind in $(first_lines "$3" "$4" | sed 's/^{"kind":"\([a-z]*\)".*/\1/'); do
            case $kind in
            redelivery) re=$((re + 1)) ;;
            quarantine) qu=$((qu + 1)) ;;
            release) rl=$((rl + 1)) ;;
            discard) di=$((di + 1)) ;;
            *) fail "$3: has a line of another kind" && break ;;
            esac
        done
        ;;
    esac
    [ "$8" = "$ar $re $qu $rl $di" ] || fail "$3: its counts are not those of $1"
    add_sums
}

add_sums() {
    archived=$((archived + ar)) redelivered=$((redelivered + re)) quarantined=$((quarantined + qu))
    released=$((released + rl)) discarded=$((discarded + di))
}

leaf() { # FOLDER, DAY, REVISION, SHA-256, PATH, NEWEST
    if [ "$(sum "$1/$5")" != "$4" ]; then fail "$1/$5: is not as its seal lists it" && return 0; fi
    # A line for each file: its path in the archive, in the bag, and what `leaf_file` takes.
    files=$(sed -n '1s/^# //p' "$1/$5" | jq -r --arg folder "$1" --arg day "$2" --arg revision "$3" --slurpfile export data/export.json '
        def file($path; $counts):
            if (.path | test("^" + $path + "$")) and ([.text_sha256, .gzip_sha256, .lines_sha256 | test("^[0-9a-f]{64}$")] | all)
                and ([.lines] + $counts | all(type == "number" and . >= 0 and . < 1e12 and . == floor)) and .lines > 0
            then "\(.path) \(.path | gsub("%"; "+")) \(.lines) \(.text_sha256) \(.gzip_sha256) \(.lines_sha256) " +
                ($counts | map(tostring) | join(" "))
            else error("no file of a leaf") end;
        . as $all | [.redelivered, .quarantined, .released, .discarded] as $counts
        | if "data/environment=\(.environment)" == $folder and .day == $day and "\(.revision)" == $revision
            and ($export[0].scope == "all" or .business == $export[0].business)
            and (.archive or .archived == 0) and (.ledger or ($counts | add) == 0)
        then "", (.archive | values | file("business=[A-Za-z0-9._%~-]+/day=\($day)/events[.]ndjson[.]gz";
                [$all.archived, 0, 0, 0, 0])),
            (.ledger | values | file("_ledger/business=[A-Za-z0-9._%~-]+/\($day)[.]ndjson[.]gz"; [0] + $counts))
        else error("no statement of this leaf") end' 2>/dev/null && echo .) || files=
    case $files in
    "$nl"*) ;;
    *) fail "$1/$5: has no statement of this business, day and revision" && return 0 ;;
    esac
    files=${files%.}
    lists=
    while read -r place at count text whole_file by_line counts; do
        if [ -n "$place" ]; then
            lists="$lists$whole_file  $place$nl"
            leaf_file "$1/$5" "$6" "$1/$at" "$count" "$text" "$whole_file" "$by_line" "$counts"
        fi
    done <<EOF
$files
EOF
    [ "$(sed 1d "$1/$5")$nl" = "$lists" ] || fail "$1/$5: does not list the files of its statement"
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

seals=0 leaves=0 others=0 signatures=0 by= before= hash=
while read -r environment number path position day revision newest whole; do
    folder=data/environment=$environment
    seal=$folder/$path
    if [ ! -f "$seal" ]; then fail "$seal: is missing" && continue; fi
    account "$seal" && seals=$((seals + 1))
    archived=0 redelivered=0 quarantined=0 released=0 discarded=0 listed=0 link=
    while read -r is name; do
        case $name in
        "_seals/$day"/*.sha256)
            listed=$((listed + 1))
            stem=${name##*/} && stem=${stem%%.*}
            of=${name##*/"$stem"} && of=${of%.sha256} && of=${of#.r}
            set -- "$folder/_seals/$day/$stem".*
            if [ -f "$folder/$name" ]; then
                if [ "${of:-1}" = "$revision" ]; then
                    account "$folder/$name"
                    leaves=$((leaves + 1))
                fi
                leaf "$folder" "$day" "${of:-1}" "$is" "$name" "$newest"
            elif [ "$whole" = whole ] || [ -f "$1" ]; then
                fail "$folder/$name: is listed by $seal, but missing"
            else
                others=$((others + 1))
            fi
            ;;
        "${path%.sha256}.json")
            if [ "$scope" = all ]; then
                account "$folder/$name"
                [ "$(sum "$folder/$name")" = "$is" ] || fail "$folder/$name: is not as its seal lists it"
            fi
            ;;
        _seals/????-??-??.sha256 | _seals/????-??-??.r*.sha256) link=$name ;;
        *) fail "$seal: lists a file that does not belong in a seal" ;;
        esac
    done <"$seal"
    case $position:$number:$(sed -n '$p' "$seal") in
    first:1:*"  ${path%.sha256}.json" | next:*:"$hash  $before") ;;
    first:1:*) fail "$seal: is the first, but lists a seal before it" ;;
    first:*:*"  $link") [ -n "$link" ] || fail "$seal: lists no seal before it" ;;
    *) fail "$seal: does not list the seal before it with its hash" ;;
    esac
    before=$path hash=$(sum "$seal")
    if [ "$scope" = all ] && [ -f "${seal%.sha256}.json" ]; then
        jq -e --arg seal "$environment $day $number $revision $listed $link" --slurpfile export data/export.json \
            --arg sums "$archived $redelivered $quarantined $released $discarded" --arg whole "$whole" '
            .archive == $export[0].archive
            and "\(.environment) \(.day) \(.number) \(.revision) \(.leaves) \(.previous // "")" == $seal
            and (.counts | .received == .archived + .redelivered + .quarantined and ($whole != "whole" or
                "\(.archived) \(.redelivered) \(.quarantined) \(.released) \(.discarded)" == $sums))' \
            "${seal%.sha256}.json" >/dev/null || fail "${seal%.sha256}.json: belongs to another seal, or its sums are wrong"
    fi
    if [ -f "$seal.sig" ]; then
        signature "$seal"
    elif [ -n "$signers" ]; then
        fail "$seal: is not signed"
    fi
done <<EOF
$(jq -r '. as $export | .seals | . as $seals | keys[] | . as $i | $seals[$i] as $it | $it.path[7:17] as $day
    | [$seals[$i + 1:][] | select(.environment == $it.environment) | .path[7:17]] as $later
    | "\($it.environment) \($it.number) \($it.path) " +
      (if $i == 0 or $seals[$i - 1].environment != $it.environment then "first" else "next" end) +
      " \($day) \($it.path | capture("[.]r(?<r>[0-9]+)[.]").r // "1") " +
      (if $later | index($day) then "earlier" else "newest" end) +
      (if $export.scope == "all" and ($export.from // $day) <= $day and $day <= ($export.to // $day)
       then " whole" else " part" end)' data/export.json)
EOF
if [ "$accountable" != 0 ]; then
    rest=$(printf '%s\n' "$found" | sed -n '/[.]sig$/p; /^data\/[^\/]*$/p')
    missing "$found" "$accounted$unsealed$nl$rest" "is not in the newest seal of its day, or in none"
fi
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
if [ -n "$pruned" ]; then
    while IFS= read -r day; do say "note  pruned, so only its counts are proven: $day"; done <<EOF
$pruned
EOF
fi
if [ "$tombstones" != 0 ]; then
    say "note  lines that are gone, erased or lost, each with a tombstone in its place: $tombstones"
fi
count=0
if [ -n "$unsealed" ]; then
    while IFS= read -r path; do
        count=$((count + 1)) && say "note  not sealed, so not proven: $path"
    done <<EOF
${unsealed#"$nl"}
EOF
fi
if [ "$others" != 0 ]; then say "note  the seals list $others leaves of other businesses"; fi
if [ "$failures" != 0 ]; then say "not as it should be: $failures failures" && exit 1; fi
if [ "$count" = 0 ]; then say "all is as it should be"; else say "all is as it should be, but $count files are not proven"; fi
