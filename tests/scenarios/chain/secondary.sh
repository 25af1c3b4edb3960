#!/bin/sh
# SPDX-License-Identifier: MIT
# A secondary installer in shell: replaces FILE once nobody uses it.   secondary.sh ENTRACTE FILE
set -eu
"$1" session register "$2"
"$1" session await
echo "from the shell" >"$2.new"
mv "$2.new" "$2"
