#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make_page.sh SCDOC SOURCE PAGE: scdoc is a filter; a page that it could not finish must not look like one.
set -eu
"$1" < "$2" > "$3.new"
mv "$3.new" "$3"
