// Selections of TypeScript and where the names that they use are defined, by its checker: node gents.mjs ROOT[,ROOT] FUNCTIONS BLOCKS [SEED], run where typescript is installed.
import fs from 'node:fs'; import path from 'node:path'; import { createRequire } from 'node:module';
const require = createRequire(process.cwd() + '/'); const ts = require('typescript');
const roots = process.argv[2].split(','); let NF = +process.argv[3], NB = +process.argv[4];
let seed = +(process.argv[5] ?? 42); const rnd = () => ((seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff);
const walk = (d) => fs.readdirSync(d, { withFileTypes: true }).flatMap((e) => e.isDirectory() ? (/test|spec|locales/.test(e.name) ? [] : walk(path.join(d, e.name))) : /\.ts$/.test(e.name) && !/\.d\.ts$|\.test\.ts$|\.spec\.ts$/.test(e.name) ? [path.join(d, e.name)] : []);
const funcs = [], blocks = [];
for (const root of roots) {
  const files = walk(root); const prog = ts.createProgram(files, { target: 99, module: 99, moduleResolution: 100, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true, strict: true }); const ck = prog.getTypeChecker();
  for (const sf of prog.getSourceFiles()) {
    if (!files.includes(path.resolve(sf.fileName))) continue; const lineOf = (p) => sf.getLineAndCharacterOfPosition(p).line + 1;
    if (sf.getLineStarts().length < 120) continue;
    const mk = (first, last, kind) => {
      const needs = new Map();
      const visit = (n) => {
        if (lineOf(n.end) < first || lineOf(n.getStart(sf)) > last) return;
        if (ts.isIdentifier(n)) {
          const l = lineOf(n.getStart(sf)); if (l < first || l > last) return;
          let sym = ck.getSymbolAtLocation(n); if (!sym) return;
          if (ts.isShorthandPropertyAssignment(n.parent)) sym = ck.getShorthandAssignmentValueSymbol(n.parent) || sym;
          const add = (s, imp) => {
            const d = s.declarations?.find((x) => x.name) || s.declarations?.[0]; if (!d) return; const f = path.resolve(d.getSourceFile().fileName); if (/node_modules\/(typescript|@types)/.test(f)) return;
            const nm = d.name && ts.isIdentifier(d.name) ? d.name : d; const dl = d.getSourceFile().getLineAndCharacterOfPosition(nm.getStart(d.getSourceFile())).line + 1;
            if (f === path.resolve(sf.fileName) && dl >= first && dl <= last) return;
            let cat; if (imp) cat = 'import'; else if (f !== path.resolve(sf.fileName)) cat = path.dirname(f) === path.dirname(path.resolve(sf.fileName)) ? 'package' : 'other';
            else { let p = d.parent; cat = 'file'; while (p && !ts.isSourceFile(p)) { if (ts.isFunctionLike(p) && (p.body && d.pos >= p.pos && first > lineOf(p.getStart(sf)) && last <= lineOf(p.end))) cat = 'local'; p = p.parent; } }
            const key = f + ':' + dl + ':' + s.name; if (!needs.has(key)) needs.set(key, { name: s.name, file: f, line: dl, cat, kind: ts.SyntaxKind[d.kind], uses: 1 });
          };
          if (sym.flags & ts.SymbolFlags.Alias) { add(sym, true); const t = ck.getAliasedSymbol(sym); if (t && !(t.flags & ts.SymbolFlags.ValueModule)) add(t, false); } else add(sym, false);
          return;
        }
        ts.forEachChild(n, visit);
      };
      ts.forEachChild(sf, visit);
      return { file: path.resolve(sf.fileName), first, last, kind, lang: 'typescript', root, needs: [...needs.values()] };
    };
    const scan = (n) => {
      if ((ts.isFunctionDeclaration(n) || ts.isMethodDeclaration(n) || ts.isConstructorDeclaration(n) || ts.isGetAccessor(n) || (ts.isVariableStatement(n) && n.parent === sf && /=>|function/.test(n.getText(sf).slice(0, 400)))) && (n.body || ts.isVariableStatement(n))) {
        const a = lineOf(n.getStart(sf)), b = lineOf(n.end);
        if (b - a + 1 >= 6 && b - a + 1 <= 80) funcs.push([mk, a, b]);
      }
      if (ts.isBlock(n) && n.statements.length >= 2) { const i = Math.floor(rnd() * (n.statements.length - 1)); const x = lineOf(n.statements[i].getStart(sf)), y = lineOf(n.statements[Math.min(n.statements.length - 1, i + 2)].end); if (y - x + 1 >= 3 && y - x + 1 <= 12) blocks.push([mk, x, y]); }
      ts.forEachChild(n, scan);
    };
    scan(sf);
  }
}
const shuffle = (l) => { for (let i = l.length - 1; i > 0; i--) { const j = Math.floor(rnd() * (i + 1)); [l[i], l[j]] = [l[j], l[i]]; } return l; };
const pick = (l, n, kind) => { const per = {}; for (const [mk, a, b] of shuffle(l)) { const s = mk(a, b, kind); if (s.needs.length < 3 || (per[s.file] = (per[s.file] || 0) + 1) > 3) continue; if (n-- <= 0) return; s.id = `${path.relative(process.cwd(), s.file)}:${a}-${b}`; console.log(JSON.stringify(s)); } };
pick(funcs, NF, 'function'); pick(blocks, NB, 'block');
