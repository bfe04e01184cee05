--- The buffer that a conversation is written into, in Markdown. Windows on it
--- are the float's and the split's business.
local M = {}

local ns = vim.api.nvim_create_namespace('llmls.page')

--- How long the colours of new text may lag behind the text while it streams.
--- Treesitter parses anew for every change, which takes longer than drawing it.
local LAG = 80e6 -- ns

---@class llmls.Page
---@field bufnr integer
---@field private tail integer the extmark where the next text goes
---@field private head? integer the extmark where the last turn begins
---@field private free boolean whether the person may write in it
---@field private live boolean whether text is streaming
---@field private stale boolean whether there is text that was not parsed
local Page = {}
Page.__index = Page

--- Lets the parser of a page look at it less often while text streams: what is
--- drawn in between keeps the colours it has.
---@param page llmls.Page
local function calm(page)
  local ok, parser = pcall(vim.treesitter.get_parser, page.bufnr, 'markdown')
  if not ok or not parser then
    return
  end
  local parse, parsed = parser.parse, 0
  parser.parse = function(tree, range, done)
    local now = vim.uv.hrtime()
    if page.live and now - parsed < LAG then
      page.stale = true
      return tree:trees()
    end
    parsed, page.stale = now, false
    return parse(tree, range, done)
  end
end

---@param name string
---@return llmls.Page
function M.new(name)
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(bufnr, name)
  local bo = vim.bo[bufnr]
  bo.bufhidden = 'hide'
  bo.swapfile = false
  bo.undolevels = -1
  bo.filetype = 'markdown'
  bo.modifiable = false
  -- Neovim's own ftplugin does this since 0.11. Without a parser the old syntax
  -- file does.
  pcall(vim.treesitter.start, bufnr, 'markdown')
  local page = setmetatable({ bufnr = bufnr, free = false, live = false, stale = false }, Page)
  page.tail = vim.api.nvim_buf_set_extmark(bufnr, ns, 0, 0, {})
  calm(page)
  return page
end

---@return boolean
function Page:is_valid()
  return vim.api.nvim_buf_is_loaded(self.bufnr)
end

--- The windows whose reader stands in the last line, and so reads along.
---@return integer[]
function Page:readers()
  local last = vim.api.nvim_buf_line_count(self.bufnr)
  return vim.tbl_filter(function(win)
    return vim.api.nvim_win_get_cursor(win)[1] == last
  end, vim.fn.win_findbuf(self.bufnr))
end

--- Gives text its colours that has none yet. It is called a few times a second
--- while text streams, and at the end.
---@param streaming boolean whether more is expected
function Page:colour(streaming)
  self.live = streaming
  if self.stale and self:is_valid() then
    pcall(vim.api.nvim__redraw, { buf = self.bufnr, valid = false })
  end
end

--- Writes behind what is there. Only the new text is touched; windows move only
--- if their reader stands in the last line.
---@param text string
function Page:append(text)
  local readers = self:readers()
  local tail = vim.api.nvim_buf_get_extmark_by_id(self.bufnr, ns, self.tail, {})
  local bo = vim.bo[self.bufnr]
  bo.modifiable = true
  vim.api.nvim_buf_set_text(self.bufnr, tail[1], tail[2], tail[1], tail[2], vim.split(text, '\r?\n'))
  bo.modifiable = self.free
  bo.modified = false
  local last = vim.api.nvim_buf_line_count(self.bufnr)
  for _, win in ipairs(readers) do
    vim.api.nvim_win_set_cursor(win, { last, vim.v.maxcol })
  end
end

--- Begins a turn, with a blank line above it unless it is the first.
---@param question? string
function Page:turn(question)
  local tail = vim.api.nvim_buf_get_extmark_by_id(self.bufnr, ns, self.tail, {})
  self.head = vim.api.nvim_buf_set_extmark(self.bufnr, ns, tail[1], tail[2], { id = self.head, right_gravity = false })
  local lines = vim.api.nvim_buf_get_lines(self.bufnr, -3, -1, false)
  local gap = ''
  if #lines > 1 or lines[1] ~= '' then
    gap = lines[#lines] ~= '' and '\n\n' or lines[#lines - 1] ~= '' and '\n' or ''
  end
  local quoted = question and '> ' .. question:gsub('\n', '\n> ') .. '\n\n' or ''
  if gap .. quoted ~= '' then
    self:append(gap .. quoted)
  end
end

--- Takes the last turn back, remarks included.
function Page:drop_turn()
  local head = vim.api.nvim_buf_get_extmark_by_id(self.bufnr, ns, self.head, {})
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(self.bufnr, ns, head, -1, {})) do
    if mark[1] ~= self.tail and mark[1] ~= self.head then
      vim.api.nvim_buf_del_extmark(self.bufnr, ns, mark[1])
    end
  end
  vim.bo[self.bufnr].modifiable = true
  vim.api.nvim_buf_set_text(self.bufnr, head[1], head[2], -1, -1, {})
  vim.bo[self.bufnr].modifiable = self.free
end

--- Says something below the last line that is not part of the text.
---@param message string
---@param group string
function Page:remark(message, group)
  local last = vim.api.nvim_buf_line_count(self.bufnr) - 1
  local win = vim.fn.win_findbuf(self.bufnr)[1]
  local lines = {}
  for _, line in ipairs(require('llmls.wrap').words(message, win and vim.api.nvim_win_get_width(win) - 1 or 60)) do
    table.insert(lines, { { line, group } })
  end
  local empty = vim.api.nvim_buf_get_lines(self.bufnr, last, last + 1, true)[1] == ''
  vim.api.nvim_buf_set_extmark(self.bufnr, ns, last, 0, {
    virt_text = empty and table.remove(lines, 1) or nil,
    virt_text_pos = 'overlay',
    virt_lines = lines,
  })
end

--- From here on it is an ordinary buffer: a heading tells what it is about, and
--- the person may write in it and save it.
---@param title string
function Page:release(title)
  if self.free then
    return
  end
  self.free = true
  vim.bo[self.bufnr].modifiable = true
  vim.api.nvim_buf_set_text(self.bufnr, 0, 0, 0, 0, { '# ' .. title, '', '' })
  vim.bo[self.bufnr].undolevels = vim.o.undolevels
  vim.bo[self.bufnr].modified = false
end

--- The code block around a row, without its fences.
---@param row integer from 1
---@return string?
function Page:code_block(row)
  local lines = vim.api.nvim_buf_get_lines(self.bufnr, 0, -1, false)
  local first, fence
  for i, line in ipairs(lines) do
    local marks = line:match('^%s*(```+)') or line:match('^%s*(~~~+)')
    if marks and not first then
      first, fence = i, marks
    elseif first and (marks and vim.startswith(marks, fence) and line:match('^%s*[`~]+%s*$') or i == #lines) then
      if row >= first and row <= i then
        return table.concat(lines, '\n', first + 1, marks and i - 1 or i)
      end
      first = nil
    end
  end
end

return M
