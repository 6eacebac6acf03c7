"""What our own code never does: run other programs or texts as code, unpack objects, trust weak mathematics."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.structure.markup import HOTLINE

SOURCES = {path.relative_to(HOTLINE).as_posix(): path for path in sorted(HOTLINE.rglob("*.py"))}
FORBIDDEN_MODULES = {  # other programs, objects out of bytes, languages with an injection of their own
    *("subprocess", "pty", "pickle", "marshal", "shelve", "dill", "yaml", "ctypes", "cffi", "code"),
    *("xml", "lxml", "defusedxml", "ldap", "ldap3", "memcache", "pymemcache", "sqlite3.dbapi2", "zipimport"),
}
FORBIDDEN_CALLS = {
    *("eval", "exec", "compile", "__import__", "system", "popen", "execv", "execve", "fork", "spawnl", "posix_spawn"),
    *("render_template_string", "from_string", "Template", "Markup", "format_map", "vformat"),
    *("_create_unverified_context", "disable_warnings", "md5", "sha1", "new_hash"),
}
OUR_STYLE = ("blueprints/public/drawing.py", "Markup")  # the public style sheet, allowed by its hash
MAY_LOAD = {"gateways/encryption.py", "gateways/keys.py", "services/demo_cases.py", "services/schema.py"}
CRYPTOGRAPHY = {
    "argon2": {"services/factor_codes.py", "services/staff.py"},
    "cryptography": {"gateways/smime.py"},
    "nacl": {"blueprints/public/cookies.py", "sealed_stream.py", "vault.py"},
    "pyotp": {"rules/second_factor.py"},
    "pysequoia": {"gateways/openpgp.py"},
    "itsdangerous": {"blueprints/public/tokens.py"},
}
CHANCE = {"config.py": "SystemRandom"}  # who may import `random`, and what of it
HASHES = {"sha256", "blake2b", "new", "file_digest"}


def trees() -> Iterator[tuple[str, ast.AST]]:
    for name, path in SOURCES.items():
        yield name, ast.parse(path.read_text("utf-8"))


def imports(tree: ast.AST) -> set[str]:
    """Return every module that is imported, and each of its parts."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{one.name}" for one in node.names}
    return found


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield name, node


def test_there_is_code_to_look_at() -> None:
    assert len(SOURCES) > 300


def test_nothing_is_run_or_unpacked_that_came_from_outside() -> None:
    found = []
    for name, tree in trees():
        roots = {part.partition(".")[0] for part in imports(tree)} | imports(tree)
        found += [f"{name} imports {module}" for module in roots & FORBIDDEN_MODULES]
        for called, node in calls(tree):
            if called not in FORBIDDEN_CALLS or (called == "compile" and _is_of(node, "re")):
                continue
            if (name, called) != OUR_STYLE:
                found.append(f"{name}:{node.lineno} calls {called}")

    assert found == []


def test_modules_are_loaded_by_names_of_our_own_alone() -> None:
    loose = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        for called, node in calls(tree)
        if called == "import_module" and name not in MAY_LOAD
        if not (isinstance(node.args[0], ast.Constant) and str(node.args[0].value).startswith("hotline."))
    ]

    assert loose == []


def test_cryptography_stands_where_it_is_known_to() -> None:
    found: dict[str, set[str]] = {name: set() for name in CRYPTOGRAPHY}
    for name, tree in trees():
        for root in {part.partition(".")[0] for part in imports(tree)} & set(CRYPTOGRAPHY):
            found[root] |= {name} if "/demo" not in name else set()

    assert all(found.values())
    assert {root: names - CRYPTOGRAPHY[root] for root, names in found.items() if names - CRYPTOGRAPHY[root]} == {}


def test_hashes_are_of_two_kinds_and_chance_is_the_systems() -> None:
    used, chance = set(), {}
    for name, tree in trees():
        used |= {called for called, node in calls(tree) if _is_of(node, "hashlib")}
        if "random" in imports(tree) and "/demo" not in name:
            source = SOURCES[name].read_text("utf-8")
            chance[name] = ",".join(sorted(set(re.findall(r"\brandom\.(\w+)", source))))

    assert used <= HASHES
    assert chance == CHANCE


def test_no_statement_of_sql_is_put_together_from_what_was_typed() -> None:
    """Text for a database is written out, or holds a constant of the module (in capitals) or a word of our enums."""
    loose = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        if imports(tree) & {"sqlalchemy.text", "sqlalchemy.literal_column", "sqlalchemy.engine"}
        for called, node in calls(tree)
        if called in {"text", "exec_driver_sql", "literal_column"} and node.args and not _is_method(node, called)
        if not _is_written_out(node.args[0])
    ]

    assert loose == []


def test_a_pattern_is_made_of_what_we_wrote() -> None:
    """A pattern that is built where something was typed escapes it."""
    loose = []
    for name, tree in trees():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef):
                continue
            given = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
            for called, node in calls(function):
                if _is_of(node, "re") and node.args and called != "escape":
                    names = {one.id for one in ast.walk(node.args[0]) if isinstance(one, ast.Name)}
                    escaped = {
                        one.id
                        for part in ast.walk(node.args[0])
                        if isinstance(part, ast.Call) and "escape" in ast.dump(part.func)
                        for one in ast.walk(part)
                        if isinstance(one, ast.Name)
                    }
                    loose += [f"{name}:{node.lineno} {one}" for one in names & given - escaped]

    assert loose == []


def _is_of(node: ast.Call, *owners: str) -> bool:
    """Whether a function of one of these modules or objects is called."""
    if isinstance(node.func, ast.Name):
        return "" in owners
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    return (owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", None)) in owners


def _is_method(node: ast.Call, called: str) -> bool:
    return called == "text" and isinstance(node.func, ast.Attribute)


def _is_written_out(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.JoinedStr):
        held = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return all(isinstance(one, ast.Name) and (one.id.isupper() or one.id == "one") for one in held)
    return isinstance(node, ast.Name) and node.id.isupper()


def test_the_search_finds_what_it_looks_for() -> None:
    bad = ast.parse("import subprocess\nx = eval(y)\ntext(f'SELECT {typed}')\nhashlib.md5(b'')\n")

    assert "subprocess" in imports(bad)
    assert {called for called, _ in calls(bad)} == {"eval", "text", "md5"}
    assert [_is_written_out(node.args[0]) for called, node in calls(bad) if called == "text"] == [False]


def test_ruff_looks_for_the_same_and_more() -> None:
    settings = (Path(HOTLINE).parent / "pyproject.toml").read_text("utf-8")

    assert re.search(r'select = \[[^]]*"S"', settings)
