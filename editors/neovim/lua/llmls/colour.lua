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
      vim.treesitter.query.parse('markdown', query())
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
---@field private plain? integer the first row, from 0, of text without colours
local Colour = {}
Colour.__index = Colour

--- Makes the buffer Markdown. Without a parser the old syntax file has the
--- colours.
---@param bufnr integer
---@return llmls.Colour
function M.new(bufnr)
  local colour = setmetatable({ bufnr = bufnr }, Colour)
  local ok, parser = pcall(vim.treesitter.get_parser, bufnr, 'markdown', { injections = INJECTIONS })
  vim.bo[bufnr].filetype = 'markdown' -- since 0.11 this starts Neovim's own highlighter, on this parser
  if not ok or not parser then
    return colour
  end
  pcall(vim.treesitter.highlighter.new, parser, { queries = { markdown = query() } })
  local parse = parser.parse
  parser.parse = function(tree, range, done)
    if colour.plain then
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
function Colour:catch_up()
  if not self.plain then
    return
  end
  local first = self.plain
  self.plain = nil
  if vim.api.nvim_buf_is_loaded(self.bufnr) then
    local range = { first, vim.api.nvim_buf_line_count(self.bufnr) }
    pcall(vim.api.nvim__redraw, { buf = self.bufnr, range = range, flush = false })
  end
end

return M
