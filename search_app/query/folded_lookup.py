"""Database look-ups for parts of words that ignore case, accents and punctuation.

`Model.objects.filter(name__folded="obrien")` finds O’Brien on both databases. SQLite calls
`tokenizer.flattened_text` itself; PostgreSQL has a function of the same rule (a migration makes it).
"""

from django.db.models import CharField, Lookup, TextField

from search_app.tokenizer import APOSTROPHES, FOLDING_REPLACEMENTS, flattened_text

SQL_FUNCTION_NAME = "search_flattened"


@CharField.register_lookup
@TextField.register_lookup
class FoldedContains(Lookup):
    """The column contains the text, both as `tokenizer.flattened_text` returns them."""

    lookup_name = "folded"

    def get_prep_lookup(self):
        return flattened_text(str(self.rhs))

    def as_sql(self, compiler, connection):
        column, parameters = self.process_lhs(compiler, connection)
        escaped = self.rhs.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        sql = f"{SQL_FUNCTION_NAME}({column}) LIKE %s ESCAPE '\\'"
        return sql, [*parameters, f"%{escaped}%"]


def add_sqlite_function(connection, **kwargs):
    """Give a new connection to SQLite the function; receiver of `connection_created`."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(
            SQL_FUNCTION_NAME,
            1,
            lambda text: None if text is None else flattened_text(str(text)),
            deterministic=True,
        )


def postgresql_create_function_sql(collation: str) -> str:
    """Return the statement that makes the function on PostgreSQL.

    `collation`: one whose lower() knows all letters, such as "und-x-icu"; "": the database's own.
    """
    plain = {letter: plain or "" for letter, plain in FOLDING_REPLACEMENTS.items()} | {
        "ς": "σ",
        "ß": "ss",
    }
    plain |= {"'": "", ".": "", "&": "and"}
    # translate() maps one character to one; characters beyond the end of the second list are
    # removed.
    single = {letter: other for letter, other in plain.items() if len(other) == 1}
    gone = [letter for letter, other in plain.items() if not other]
    text = f"normalize(translate(value, {_sql_literal(APOSTROPHES)}, ''), NFKD)"
    text = f"lower({text}" + (f' COLLATE "{collation}")' if collation else ")")
    text = "translate({}, {}, {})".format(
        text, _sql_literal("".join([*single, *gone])), _sql_literal("".join(single.values()))
    )
    for letter, others in plain.items():
        if len(others) > 1:
            text = f"replace({text}, {_sql_literal(letter)}, {_sql_literal(others)})"
    return (
        f"CREATE OR REPLACE FUNCTION {SQL_FUNCTION_NAME}(value text) RETURNS text LANGUAGE sql"
        f" IMMUTABLE STRICT PARALLEL SAFE AS $body$ SELECT normalize({text}, NFC) $body$"
    )


def _sql_literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
