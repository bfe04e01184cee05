--- The buffer that a conversation is written into, in Markdown. Windows on it
--- are the float's and the split's business.
local colour = require('llmls.colour')
local markdown = require('llmls.markdown')

local M = {}

local ns = vim.api.nvim_create_namespace('llmls.page')

--- Neovim 0.10 cannot conceal a line: a fence is a blank one there.
local CONCEAL = vim.fn.has('nvim-0.11') == 1 and { conceal_lines = '' } or {}

---@class llmls.Page
---@field bufnr integer
---@field private tail integer the extmark where the next text goes
---@field private head? integer the extmark where the last turn begins
---@field private free boolean whether the person may write in it
---@field private colour llmls.Colour
---@field private fence? string the fence that is open before the line of the tail
---@field private concealed? integer the extmark that conceals that line
---@field private before { fence?: string, concealed?: integer } these two before the last turn
local Page = {}
Page.__index = Page

---@param number integer of the first answer
---@param title string
---@return llmls.Page
function M.new(number, title)
  local bufnr = vim.api.nvim_create_buf(false, true)
  local name = ('llmls://%d/%s'):format(number, title)
  if not pcall(vim.api.nvim_buf_set_name, bufnr, name) then -- one of the same name was left or kept
    vim.api.nvim_buf_set_name(bufnr, ('llmls://%d+%d/%s'):format(number, bufnr, title))
  end
  local bo = vim.bo[bufnr]
  bo.bufhidden = 'hide'
  bo.swapfile = false
  bo.undolevels = -1
  local page = setmetatable({ bufnr = bufnr, free = false, colour = colour.new(bufnr) }, Page)
  bo.modifiable = false
  page.tail = vim.api.nvim_buf_set_extmark(bufnr, ns, 0, 0, {})
  return page
end

---@return boolean
function Page:is_valid()
  return vim.api.nvim_buf_is_loaded(self.bufnr)
end

--- The windows whose cursor is in the last line, so that they follow the text.
---@return integer[]
function Page:readers()
  local last = vim.api.nvim_buf_line_count(self.bufnr)
  local found = {}
  for _, win in ipairs(vim.fn.win_findbuf(self.bufnr)) do
    if vim.api.nvim_win_get_cursor(win)[1] == last then
      table.insert(found, win)
    end
  end
  return found
end

--- Conceals the fences among lines that changed. The last of them is not complete:
--- what looks like a fence may turn out not to be one.
---@private
---@param first integer from 0
---@param last integer
function Page:conceal(first, last)
  for i, line in ipairs(vim.api.nvim_buf_get_lines(self.bufnr, first, last + 1, true)) do
    local fence, open = markdown.fence(line, self.fence)
    if fence and not self.concealed then
      self.concealed = vim.api.nvim_buf_set_extmark(self.bufnr, ns, first + i - 1, 0, CONCEAL)
    elseif self.concealed and not fence then
      vim.api.nvim_buf_del_extmark(self.bufnr, ns, self.concealed)
      self.concealed = nil
    end
    if first + i - 1 < last then
      self.fence, self.concealed = open, nil
    end
  end
end

--- Changes the text. The person cannot, before release().
---@private
---@param from llmls.Position
---@param to llmls.Position
---@param lines string[]
function Page:replace(from, to, lines)
  local buf = { buf = self.bufnr }
  if not self.free then
    vim.api.nvim_set_option_value('modifiable', true, buf)
  end
  vim.api.nvim_buf_set_text(self.bufnr, from[1], from[2], to[1], to[2], lines)
  vim.api.nvim_set_option_value(self.free and 'modified' or 'modifiable', false, buf)
end

--- Appends text. Only the new text is drawn, without colours: paint() must follow. A
--- window scrolls only if its cursor is in the last line.
---@param text string
function Page:stream(text)
  local bufnr = self.bufnr
  local readers = self:readers()
  local tail = vim.api.nvim_buf_get_extmark_by_id(bufnr, ns, self.tail, {})
  local lines = text:find('\n', 1, true) and vim.split(text, '\r?\n') or { text }
  self.colour:defer(tail[1])
  self:replace(tail, tail, lines)
  self:conceal(tail[1], tail[1] + #lines - 1)
  local last = vim.api.nvim_buf_line_count(bufnr)
  for _, win in ipairs(readers) do
    vim.api.nvim_win_set_cursor(win, { last, vim.v.maxcol })
  end
end

--- The same with colours.
---@param text string
function Page:append(text)
  self:stream(text)
  self:paint()
end

--- Sets the colours of streamed text.
---@param growing? boolean whether more comes
function Page:paint(growing)
  self.colour:catch_up(growing)
end

--- Begins a turn, with a blank line above it unless it is the first.
---@param question? string
function Page:turn(question)
  local tail = vim.api.nvim_buf_get_extmark_by_id(self.bufnr, ns, self.tail, {})
  local line = vim.api.nvim_buf_get_lines(self.bufnr, tail[1], tail[1] + 1, true)[1]
  local _, open = markdown.fence(line, self.fence)
  if open then -- the last answer was cut inside of code
    self:append('\n' .. open)
    tail = vim.api.nvim_buf_get_extmark_by_id(self.bufnr, ns, self.tail, {})
  end
  self.head = vim.api.nvim_buf_set_extmark(self.bufnr, ns, tail[1], tail[2], { id = self.head, right_gravity = false })
  self.before = { fence = self.fence, concealed = self.concealed }
  local lines = vim.api.nvim_buf_get_lines(self.bufnr, math.max(0, tail[1] - 1), tail[1] + 1, false)
  local gap = ''
  if #lines > 1 or lines[1] ~= '' then
    gap = lines[#lines] ~= '' and '\n\n' or lines[#lines - 1] ~= '' and '\n' or ''
  end
  local quoted = question and '> ' .. markdown.inert(question):gsub('\n', '\n> ') .. '\n\n' or ''
  if gap .. quoted ~= '' then
    self:append(gap .. quoted)
  end
end

--- Takes the last turn back, remarks included. What the person wrote below it stays.
function Page:drop_turn()
  local head = vim.api.nvim_buf_get_extmark_by_id(self.bufnr, ns, self.head, {})
  local tail = vim.api.nvim_buf_get_extmark_by_id(self.bufnr, ns, self.tail, {})
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(self.bufnr, ns, head, tail, {})) do
    if mark[1] ~= self.tail and mark[1] ~= self.head then
      vim.api.nvim_buf_del_extmark(self.bufnr, ns, mark[1])
    end
  end
  self.colour:defer(head[1])
  self:replace(head, tail, {})
  self:paint()
  self.fence, self.concealed = self.before.fence, self.before.concealed
end

--- Shows a message below the last line that is not part of the text.
---@param message string
---@param group string
function Page:remark(message, group)
  if self.concealed then -- what is below a line that is not drawn is not drawn
    self:append('\n')
  end
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

--- Makes it an ordinary buffer: with a heading, and the person may write in it and
--- save it.
---@param heading string in Markdown
function Page:release(heading)
  if self.free then
    return
  end
  self.free = true
  self.colour:release()
  vim.bo[self.bufnr].modifiable = true
  local head = self.head and vim.api.nvim_buf_get_extmark_by_id(self.bufnr, ns, self.head, {})
  vim.api.nvim_buf_set_text(self.bufnr, 0, 0, 0, 0, { '# ' .. markdown.inert(heading), '', '' })
  if head and head[1] + head[2] == 0 then -- it keeps its place where text is inserted
    vim.api.nvim_buf_set_extmark(self.bufnr, ns, 2, 0, { id = self.head, right_gravity = false })
  end
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
