#!/bin/sh
# Canary: shellcheck must refuse the unquoted variable.
rm -rf $1/tmp
