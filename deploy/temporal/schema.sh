#!/bin/sh
# Creates Temporal's two databases and brings their schema up to this version. May be run again at any time;
# has to be run before a newer server starts.
set -eu

prepare() {
  database=$1 schema=$2
  set -- --plugin "$DB" --ep "$POSTGRES_SEEDS" -p "$DB_PORT" -u "$POSTGRES_USER" --db "$database"
  temporal-sql-tool "$@" create
  temporal-sql-tool "$@" setup-schema -v 0.0
  temporal-sql-tool "$@" update-schema --schema-name "$schema"
}

prepare temporal postgresql/v12/temporal
prepare temporal_visibility postgresql/v12/visibility
