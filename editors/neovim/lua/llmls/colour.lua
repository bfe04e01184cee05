--- The colours of a page, by treesitter, for a text that grows many times a
--- second: the text is drawn at once, and its colours follow with the next frame.
local M = {}

--- The injections that answers need: code blocks and inline Markdown. Neovim's own
--- queries also look for HTML, which the server removes, and for that search the
--- whole text whenever it grows.
local INJECTIONS = {
  markdown = [[
    (fenced_code_block
      (info_string (language) @injection.language)
      (code_fence_content) @injection.content)
    ([(inline) (pipe_table_cell)] @injection.content
      (#set! injection.language "markdown_inline"))
  ]],
  markdown_inline = '',
}

--- Of Neovim's own highlighter.
local PRIORITY = 100

--- A longer last line gets its colours when it is complete: all of it is parsed anew
--- whenever it grows, in a millisecond for each 300 bytes.
local LONGEST = 3000 -- bytes

--- How many rows get their colours at once; that takes some milliseconds.
local STEP = 10

--- How many rows above a change are looked at for the beginning of its paragraph.
local ABOVE = 40

local ns = vim.api.nvim_create_namespace('llmls.colour')

---@type string?
local highlights

--- Neovim's own query without the pattern that conceals fences: it is matched again
--- in every line of a window whenever the text grows, which takes longer than all
--- the rest. The page conceals its fences itself.
---@return string
local function query()
  if not highlights then
    local lines = {}
    for _, file in ipairs(vim.treesitter.query.get_files('markdown', 'highlights')) do
      for line in io.lines(file) do
        table.insert(lines, (line:gsub('%(#set! conceal_lines ""%)', '')))
      end
    end
    highlights = table.concat(lines, '\n')
  end
  return highlights
end

---@type table<string, vim.treesitter.Query>
local queries = {}

--- What has the colours of a language.
---@param language string
---@return vim.treesitter.Query?
local function query_of(language)
  queries[language] = queries[language]
    or language == 'markdown' and vim.treesitter.query.parse('markdown', query())
    or vim.treesitter.query.get(language, 'highlights')
  return queries[language]
end

--- Loads what the first page of a session needs, while its answer has not arrived,
--- in steps: all at once would block for 30 ms. Then it calls `ready`.
---@param filetype string of the code, which will be in the answer
---@param ready fun()
function M.prepare(filetype, ready)
  if highlights then
    return ready()
  end
  local get = vim.treesitter.query.get
  local steps = {
    function()
      require('vim.treesitter.highlighter')
      vim.treesitter.language.add('markdown')
      vim.treesitter.language.add('markdown_inline')
    end,
    function()
      get('markdown', 'highlights')
    end,
    function()
      query_of('markdown')
    end,
    function()
      get('markdown_inline', 'highlights')
    end,
    function()
      local language = vim.treesitter.language.get_lang(filetype) or filetype
      if vim.treesitter.language.add(language) then
        get(language, 'highlights')
      end
    end,
  }
  local function step()
    if #steps == 0 then
      return ready()
    end
    pcall(table.remove(steps, 1)) -- without a parser there are no colours
    vim.defer_fn(step, 1)
  end
  step()
end

---@class llmls.Colour
---@field private bufnr integer
---@field private parser? vim.treesitter.LanguageTree nil without a parser for Markdown
---@field private plain? integer the first row, from 0, of text without colours
---@field private live boolean whether Neovim's highlighter has the buffer
local Colour = {}
Colour.__index = Colour

--- Makes the buffer Markdown. Without a parser the old syntax file has the
--- colours.
---@param bufnr integer
---@return llmls.Colour
function M.new(bufnr)
  local colour = setmetatable({ bufnr = bufnr, live = false }, Colour)
  local ok, parser = pcall(vim.treesitter.get_parser, bufnr, 'markdown', { injections = INJECTIONS })
  vim.bo[bufnr].filetype = 'markdown' -- since 0.11 this starts Neovim's own highlighter, on this parser
  if not ok or not parser then
    return colour
  end
  pcall(vim.treesitter.stop, bufnr) -- which turns the old syntax file on
  vim.bo[bufnr].syntax = ''
  vim.api.nvim_buf_set_var(bufnr, 'ts_highlight', true) -- :syntax on leaves it off, too (synload.vim)
  colour.parser = parser
  parser:register_cbs({
    on_changedtree = function(ranges)
      for _, range in ipairs(colour.plain and ranges or {}) do
        colour.plain = math.min(colour.plain, range[1])
      end
    end,
  }, true)
  -- What each change does to the trees can wait until they are asked for.
  local edits, edit, parse = {}, parser._on_bytes, parser.parse
  parser._on_bytes = function(tree, ...)
    if colour.live then
      return edit(tree, ...)
    end
    table.insert(edits, { ... })
  end
  parser.parse = function(tree, range, done)
    for _, one in ipairs(edits) do
      edit(tree, unpack(one))
    end
    edits = {}
    if colour.live and colour.plain then
      return tree:trees()
    end
    return parse(tree, range, done)
  end
  return colour
end

--- Leaves the text from that row on without colours for now.
---@param row integer from 0
function Colour:defer(row)
  self.plain = math.min(self.plain or row, row)
end

--- Sets the colours of the text that defer() left without.
---@param growing? boolean whether more comes
function Colour:catch_up(growing)
  if not self.plain or not vim.api.nvim_buf_is_loaded(self.bufnr) then
    return
  end
  local rows = vim.api.nvim_buf_line_count(self.bufnr)
  local offset = vim.api.nvim_buf_get_offset
  if growing and offset(self.bufnr, rows) - offset(self.bufnr, rows - 1) > LONGEST then
    return
  elseif self.live or not self.parser then
    local range = { self.plain, rows }
    self.plain = nil
    pcall(vim.api.nvim__redraw, { buf = self.bufnr, range = range, flush = false })
    return
  end
  local ok, done = pcall(self.mark, self, rows)
  self.plain = ok and done < rows and done or nil
  if self.plain then
    vim.defer_fn(function()
      self:catch_up(growing)
    end, 1)
  end
end

--- The row where the paragraph begins that goes on in a row: what arrives there may
--- change the colours of all of it, such as into a heading's.
---@private
---@param row integer from 0
---@return integer
function Colour:paragraph(row)
  local first = math.max(0, row - ABOVE)
  local lines = vim.api.nvim_buf_get_lines(self.bufnr, first, row, true)
  for i = #lines, 1, -1 do
    if not lines[i]:find('%S') then
      return first + i
    end
  end
  return first
end

--- Sets the colours of some rows as extmarks, which stay: Neovim's highlighter would look
--- for them anew in the last line whenever a delta is drawn, for a quarter of a
--- millisecond. Each mark is within one row, so that those of rows that changed can be
--- replaced. They have no addresses: Neovim 0.10 crashes when marks that have some are
--- taken away.
---@private
---@param rows integer
---@return integer done the row behind them
function Colour:mark(rows)
  local paragraph = self:paragraph(self.plain)
  local first, last
  repeat -- on_changedtree may find that rows above have changed, too
    first = math.max(self.plain, paragraph)
    last = math.min(rows, first + STEP)
    self.parser:parse({ first, last })
  until first == math.max(self.plain, paragraph)
  local lines = vim.api.nvim_buf_get_lines(self.bufnr, first, last, true)
  vim.api.nvim_buf_clear_namespace(self.bufnr, ns, first, last)
  self.parser:for_each_tree(function(tree, language)
    local colours = query_of(language:lang())
    if not colours then
      return
    end
    local depth = language == self.parser and 0 or 1
    for id, node, metadata in colours:iter_captures(tree:root(), self.bufnr, first, last) do
      local name, own = colours.captures[id], metadata[id] or {}
      if not vim.startswith(name, '_') and not name:find('spell$') then
        local from_row, from_column, _, to_row, to_column = unpack(vim.treesitter.get_range(node, self.bufnr, own))
        for row = math.max(first, from_row), math.min(to_row, last - 1) do
          vim.api.nvim_buf_set_extmark(self.bufnr, ns, row, row == from_row and from_column or 0, {
            end_col = row == to_row and to_column or #lines[row - first + 1],
            hl_group = ('@%s.%s'):format(name, language:lang()),
            priority = (tonumber(metadata.priority or own.priority) or PRIORITY) + depth,
            conceal = metadata.conceal or own.conceal,
            strict = false,
          })
        end
      end
    end
  end)
  return last
end

--- Gives the buffer to Neovim's highlighter, which follows what the person writes.
function Colour:release()
  if self.parser and not self.live then
    self.live = true
    vim.api.nvim_buf_clear_namespace(self.bufnr, ns, 0, -1)
    pcall(vim.treesitter.highlighter.new, self.parser, { queries = { markdown = query() } })
  end
end

return M
