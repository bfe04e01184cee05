--- A piece of a buffer, exactly as it was highlighted.
local text = require('llmls.text')

local M = {}

---@class llmls.Position
---@field [1] integer row, from 0
---@field [2] integer column in bytes, from 0

---@class llmls.Place
---@field bufnr integer
---@field first llmls.Position
---@field last llmls.Position behind the last character
---@field block? string the text, if it is a block of columns: LSP has no range for it

---@param bufnr integer
---@param row integer from 0
---@return string
local function line_at(bufnr, row)
  return vim.api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ''
end

--- The column behind the character at that byte, composing characters included.
---@param line string
---@param col integer from 0
---@return integer
local function behind(line, col)
  return math.min(#line, col + math.max(1, #vim.fn.matchstr(line:sub(col + 1):match('^%Z*'), '.')))
end

--- Whole lines, without the line break of the last.
---@param bufnr integer
---@param first integer from 1
---@param last integer from 1
---@return llmls.Place
function M.lines(bufnr, first, last)
  last = math.min(last, vim.api.nvim_buf_line_count(bufnr))
  first = math.min(first, last)
  return { bufnr = bufnr, first = { first - 1, 0 }, last = { last - 1, #line_at(bufnr, last - 1) } }
end

--- Whole lines of the current buffer, and all of each closed fold that they begin or end in, as operators
--- have it.
---@param first integer from 1
---@param last integer from 1
---@return llmls.Place
function M.whole(first, last)
  local top, bottom = vim.fn.foldclosed(first), vim.fn.foldclosedend(last)
  return M.lines(vim.api.nvim_get_current_buf(), top > 0 and top or first, bottom > 0 and bottom or last)
end

---@param bufnr integer
---@param from integer[] as getpos() has it
---@param to integer[]
---@param exclusive boolean whether the last character does not count
---@return llmls.Place
local function characters(bufnr, from, to, exclusive)
  if from[2] > to[2] or from[2] == to[2] and from[3] > to[3] then
    from, to = to, from
  end
  local line = line_at(bufnr, to[2] - 1)
  local first = math.min(from[3] - 1, #line_at(bufnr, from[2] - 1))
  local last = math.min(to[3] - 1, #line)
  if not exclusive or from[2] == to[2] and first == last then -- a selection has one character at least
    last = behind(line, last)
  end
  return { bufnr = bufnr, first = { from[2] - 1, first }, last = { to[2] - 1, last } }
end

--- A line from a column of the screen on, with blanks for what that column cuts.
---@param row integer from 1
---@param left integer from 1
---@return string
local function from_column(row, left)
  if vim.fn.virtcol({ row, '$' }) <= left then
    return ''
  end
  local line, at = vim.fn.getline(row), vim.fn.virtcol2col(0, row, left)
  local columns = vim.fn.virtcol({ row, at }, true)
  if columns[1] == left then
    return line:sub(at)
  end
  return (' '):rep(columns[2] - left + 1) .. line:sub(behind(line, at - 1) + 1)
end

--- A block of columns has no range of its own: its place is the lines it spans,
--- and its text goes along.
---@param bufnr integer
---@param from integer[]
---@param to integer[]
---@param exclusive boolean whether the last column does not count
---@return llmls.Place
local function block(bufnr, from, to, exclusive)
  local first, last = math.min(from[2], to[2]), math.max(from[2], to[2])
  local place = M.lines(bufnr, first, last)
  local lines = vim.fn.getregion(from, to, { type = '\22', exclusive = exclusive })
  if vim.fn.winsaveview().curswant == vim.v.maxcol then -- after $: each line to its end, wherever the last one ends
    local left =
      math.min(vim.fn.virtcol(vim.list_slice(from, 2), true)[1], vim.fn.virtcol(vim.list_slice(to, 2), true)[1])
    for row = first, last do
      lines[row - first + 1] = from_column(row, left)
    end
  end
  place.block = table.concat(vim.tbl_map(text.clean, lines), '\n')
  return place
end

---@param from integer[]
---@param to integer[]
---@param kind string v, V or CTRL-V
---@param exclusive boolean
---@return llmls.Place in the current buffer
local function selected(from, to, kind, exclusive)
  local bufnr = vim.api.nvim_get_current_buf()
  if kind == 'v' then
    return characters(bufnr, from, to, exclusive)
  elseif kind == 'V' then
    return M.whole(math.min(from[2], to[2]), math.max(from[2], to[2]))
  end
  return block(bufnr, from, to, exclusive)
end

--- What Select mode is called, as the Visual mode that selects the same.
local SELECT = { s = 'v', S = 'V', ['\19'] = '\22' }

--- The live selection, which ends here: the mark of the range takes its place. nil
--- if there is none.
---@return llmls.Place?
function M.visual()
  local mode = vim.fn.mode()
  mode = SELECT[mode] or mode
  if not mode:find('^[vV\22]') then
    return nil
  end
  local place = selected(vim.fn.getpos('v'), vim.fn.getpos('.'), mode, vim.o.selection == 'exclusive')
  vim.cmd.normal({ '\27', bang = true })
  return place
end

--- The place that a range on the command line means. From Visual mode it is '<,'>,
--- which has only lines: what was selected in them is selected once more.
---@param first integer from 1
---@param last integer from 1
---@return llmls.Place
function M.range(first, last)
  if vim.fn.line("'<") ~= first or vim.fn.line("'>") ~= last then
    return M.whole(first, last)
  end
  local view = vim.fn.winsaveview()
  vim.cmd('noautocmd normal! gv')
  local place = M.visual()
  vim.fn.winrestview(view)
  return place or M.whole(first, last)
end

--- The place that an operator's motion covered.
---@param kind 'char'|'line'|'block'
---@return llmls.Place
function M.moved(kind)
  local from, to = vim.fn.getpos("'["), vim.fn.getpos("']")
  return selected(from, to, ({ char = 'v', line = 'V', block = '\22' })[kind], false)
end

--- The nodes of the usual grammars that define a function.
local functions = {}
for name in
  ([[function_definition function_declaration function_item local_function function_statement
  method_definition method_declaration method singleton_method constructor_declaration
  func_literal function_expression arrow_function anonymous_function lambda_expression
  subprogram_body subroutine function_definition_statement generator_function_declaration]]):gmatch('%S+')
do
  functions[name] = true
end

--- The function around the cursor, by treesitter.
---@return llmls.Place?
local function enclosing_function()
  local ok, parser = pcall(vim.treesitter.get_parser, 0)
  if not ok or not parser then
    return nil
  end
  parser:parse()
  local node = vim.treesitter.get_node()
  while node and not functions[node:type()] do
    node = node:parent()
  end
  if not node then
    return nil
  end
  local first, _, last, column = node:range()
  return M.lines(vim.api.nvim_get_current_buf(), first + 1, column == 0 and last or last + 1)
end

--- Without a selection: the closed fold, else the enclosing function, else the line.
---@return llmls.Place
function M.here()
  local row = vim.api.nvim_win_get_cursor(0)[1]
  return vim.fn.foldclosed(row) < 0 and enclosing_function() or M.whole(row, row)
end

---@param line string
---@param col integer bytes
---@param encoding string
---@return integer
local function character(line, col, encoding)
  if encoding == 'utf-8' then
    return col
  end
  line = text.clean(line)
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.str_utfindex(line, encoding, col, false)
  end
  local utf32, utf16 = vim.str_utfindex(line, col)
  return encoding == 'utf-16' and utf16 or utf32
end

--- The range in a client's position encoding.
---@param place llmls.Place
---@param encoding string
---@return lsp.Range
function M.to_range(place, encoding)
  local function position(p)
    return { line = p[1], character = character(line_at(place.bufnr, p[1]), p[2], encoding) }
  end
  return { start = position(place.first), ['end'] = position(place.last) }
end

---@param line string
---@param units integer
---@param encoding string
---@return integer bytes
local function column(line, units, encoding)
  if encoding == 'utf-8' then
    return math.min(units, #line)
  end
  line = text.clean(line)
  if vim.fn.has('nvim-0.11') == 1 then
    return vim.str_byteindex(line, encoding, units, false)
  end
  local utf32, utf16 = vim.str_utfindex(line)
  return vim.str_byteindex(line, math.min(units, encoding == 'utf-16' and utf16 or utf32), encoding == 'utf-16')
end

--- The place of a range in a client's position encoding; an empty one means its line.
---@param bufnr integer
---@param range lsp.Range
---@param encoding string
---@return llmls.Place
function M.from_range(bufnr, range, encoding)
  local first, last = range.start, range['end']
  if first.line == last.line and first.character == last.character then
    return M.lines(bufnr, first.line + 1, first.line + 1)
  elseif first.character == 0 and last.character == 0 then
    return M.lines(bufnr, first.line + 1, last.line)
  end
  local function position(p)
    return { p.line, column(line_at(bufnr, p.line), p.character, encoding) }
  end
  return { bufnr = bufnr, first = position(first), last = position(last) }
end

---@param place llmls.Place
---@return string
function M.text(place)
  local f, l = place.first, place.last
  return table.concat(vim.api.nvim_buf_get_text(place.bufnr, f[1], f[2], l[1], l[2], {}), '\n')
end

--- What Neovim calls a buffer: total.py, [No Name], [Quickfix List]; a folder by
--- its last name.
---@param bufnr integer
---@return string
function M.buffer_name(bufnr)
  local file = vim.api.nvim_buf_get_name(bufnr):match('([^/]*)/*$')
  local win = vim.fn.win_findbuf(bufnr)[1]
  if file ~= '' or not win then
    return file ~= '' and file or '[No Name]'
  end
  return vim.api.nvim_eval_statusline('%t', { winid = win }).str
end

--- What a document of the server is called.
---@param uri string
---@return string
function M.uri_name(uri)
  return vim.uri_decode(uri):match('([^/]*)/*$')
end

--- Where it is, for people: total.py:3-9.
---@param place llmls.Place
---@return string
function M.name(place)
  local first, last = place.first[1] + 1, place.last[1] + 1
  return ('%s:%d%s'):format(M.buffer_name(place.bufnr), first, last > first and '-' .. last or '')
end

return M
