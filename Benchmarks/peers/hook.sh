#!/bin/sh
# What adnanh/webhook runs for a delivery: write, sync, rename, sync.
set -e
name=$(cat /proc/sys/kernel/random/uuid)
cd "$SPOOL/production"
printf '%s' "$1" > "tmp/$name"
sync "tmp/$name"
mv "tmp/$name" "new/$name.json"
sync new
