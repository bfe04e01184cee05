# Selections of CPython's standard library and where the names that they use are defined, by ast and static scoping (no type inference: attributes of self, and of imported modules, only).
import ast, json, os, random, sys, symtable
root = sys.argv[1]; NF, NB = int(sys.argv[2]), int(sys.argv[3]); random.seed(int(sys.argv[4]) if len(sys.argv) > 4 else 11)
mods = 'asyncio/base_events asyncio/tasks asyncio/streams asyncio/events argparse ast bdb cgi cmd codecs collections/__init__ concurrent/futures/thread configparser csv dataclasses datetime decimal difflib dis doctest email/message email/_header_value_parser enum fractions ftplib functools gettext gzip heapq html/parser http/client http/server http/cookiejar imaplib importlib/_bootstrap_external inspect ipaddress json/decoder json/encoder logging/__init__ logging/handlers mailbox mimetypes multiprocessing/pool multiprocessing/managers multiprocessing/connection ntpath optparse pathlib pdb pickle pickletools platform plistlib poplib pprint pydoc random re/_compiler re/_parser sched selectors shelve shutil smtplib socket socketserver ssl statistics string subprocess tarfile tempfile textwrap threading tokenize traceback trace typing unittest/case unittest/mock unittest/loader urllib/parse urllib/request uuid warnings wave weakref webbrowser xml/dom/minidom xml/etree/ElementTree xmlrpc/client zipfile zoneinfo/_zoneinfo'.split()
cache = {}
def top(path):
    if path in cache: return cache[path]
    try: t = ast.parse(open(path, encoding='utf8').read())
    except Exception: cache[path] = None; return None
    d, imp, cls = {}, {}, {}
    def body(b):
        for n in b:
            if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)): d.setdefault(n.name, n.lineno)
            if isinstance(n, ast.ClassDef):
                m = {}
                for x in ast.walk(n):
                    if isinstance(x, (ast.FunctionDef, ast.AsyncFunctionDef)) and x in n.body: m[x.name] = x.lineno
                for x in n.body:
                    for t2 in (x.targets if isinstance(x, ast.Assign) else [x.target] if isinstance(x, ast.AnnAssign) else []):
                        if isinstance(t2, ast.Name): m.setdefault(t2.id, x.lineno)
                for x in sorted((y for y in ast.walk(n) if isinstance(y, (ast.Assign, ast.AnnAssign))), key=lambda y: y.lineno):
                    for t2 in (x.targets if isinstance(x, ast.Assign) else [x.target]):
                        for e in (t2.elts if isinstance(t2, ast.Tuple) else [t2]):
                            if isinstance(e, ast.Attribute) and isinstance(e.value, ast.Name) and e.value.id == 'self': m.setdefault(e.attr, e.lineno)
                cls[n.name] = (n.lineno, n.end_lineno, m)
            if isinstance(n, ast.Import):
                for a in n.names: imp[(a.asname or a.name.split('.')[0])] = (a.lineno if hasattr(a, 'lineno') else n.lineno, a.name if a.asname else a.name.split('.')[0], None, 0)
            if isinstance(n, ast.ImportFrom):
                for a in n.names: imp[a.asname or a.name] = (a.lineno, n.module or '', a.name, n.level)
            if isinstance(n, (ast.Assign, ast.AnnAssign)):
                for t2 in (n.targets if isinstance(n, ast.Assign) else [n.target]):
                    for e in (t2.elts if isinstance(t2, (ast.Tuple, ast.List)) else [t2]):
                        if isinstance(e, ast.Name): d.setdefault(e.id, e.lineno)
            if isinstance(n, (ast.If, ast.Try, ast.With)):
                body(n.body); body(getattr(n, 'orelse', [])); [body(h.body) for h in getattr(n, 'handlers', [])]
    body(t.body); cache[path] = (t, d, imp, cls); return cache[path]
def modfile(name, frm, level):
    base = root
    if level:
        base = os.path.dirname(frm)
        for _ in range(level - 1): base = os.path.dirname(base)
    p = os.path.join(base, *[x for x in name.split('.') if x])
    for c in (p + '.py', os.path.join(p, '__init__.py')):
        if os.path.isfile(c): return c
def sel(path, first, last, kind, fn):
    t, d, imp, cls = top(path); needs = {}
    params_and_locals = {}
    if fn is not None:
        for a in fn.args.args + fn.args.posonlyargs + fn.args.kwonlyargs + [x for x in (fn.args.vararg, fn.args.kwarg) if x]: params_and_locals.setdefault(a.arg, a.lineno)
        for x in sorted((y for y in ast.walk(fn) if isinstance(y, ast.Name) and isinstance(y.ctx, ast.Store)), key=lambda y: (y.lineno, y.col_offset)): params_and_locals.setdefault(x.id, x.lineno)
    def need(name, file, line, cat):
        if file == path and first <= line <= last: return
        needs.setdefault((name, file, line), dict(name=name, file=file, line=line, cat=cat, kind='', uses=1))
    def imported(name, e):
        line, mod, attr, level = e; need(name, path, line, 'import')
        if attr is not None:
            f = modfile(mod, path, level)
            if f and top(f) and attr in top(f)[1]: need(attr, f, top(f)[1][attr], 'package' if os.path.dirname(f) == os.path.dirname(path) and os.path.dirname(path) != root else 'other')
    owner = next((c for c, (a, b, m) in cls.items() if a <= first <= b), None)
    for n in ast.walk(t):
        l = getattr(n, 'lineno', None)
        if l is None or not first <= l <= last: continue
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load):
            if n.id in params_and_locals: need(n.id, path, params_and_locals[n.id], 'local')
            elif n.id in d: need(n.id, path, d[n.id], 'file')
            elif n.id in imp: imported(n.id, imp[n.id])
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name):
            if n.value.id == 'self' and owner and n.attr in cls[owner][2]: need(n.attr, path, cls[owner][2][n.attr], 'file')
            elif n.value.id in imp and n.value.id not in params_and_locals:
                line, mod, attr, level = imp[n.value.id]; f = modfile((mod + '.' + attr).strip('.') if attr else mod, path, level)
                if f and top(f) and n.attr in top(f)[1]: need(n.attr, f, top(f)[1][n.attr], 'package' if os.path.dirname(f) == os.path.dirname(path) and os.path.dirname(path) != root else 'other')
    return dict(id=f'{os.path.relpath(path, root)}:{first}-{last}', file=path, first=first, last=last, kind=kind, lang='python', root=root, needs=list(needs.values()))
F, B = [], []
for m in mods:
    p = os.path.join(root, m + '.py')
    if not os.path.isfile(p) or not top(p): continue
    for n in ast.walk(top(p)[0]):
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef)):
            k = n.end_lineno - n.lineno + 1
            if 8 <= k <= 80: F.append((p, n.lineno, n.end_lineno, 'function', n))
            if k >= 40:
                for x in ast.walk(n):
                    b = getattr(x, 'body', None)
                    if isinstance(b, list) and len(b) >= 3 and x is not n or x is n and len(b) >= 3:
                        i = random.randrange(len(b) - 1); a, z = b[i].lineno, b[min(len(b) - 1, i + 2)].end_lineno
                        if 3 <= z - a + 1 <= 12: B.append((p, a, z, 'block', n))
def pick(l, n):
    random.shuffle(l); per = {}
    for a in l:
        s = sel(*a)
        if len(s['needs']) < 3 or per.get(a[0], 0) >= 3: continue
        per[a[0]] = per.get(a[0], 0) + 1
        if n <= 0: return
        n -= 1; print(json.dumps(s))
pick(F, NF); pick(B, NB)
