--- The surface in place: virtual lines below the code. They move with it, and
--- are gone when it changes.
local config = require('llmls.config')
local markdown = require('llmls.markdown')
local wrap = require('llmls.wrap')

local M = {}

local ns = vim.api.nvim_create_namespace('llmls.inline')

--- The width of text that is still easy to read, in cells.
local WIDEST = 90

---@class llmls.Inline: llmls.Surface
---@field private conversation llmls.Conversation
---@field private bufnr integer
---@field private open boolean
---@field private mark? integer
---@field private full boolean whether no more lines fit
local Inline = { name = 'inline' }
Inline.__index = Inline

--- Reports whether lines below a place would be in sight: its last line is on the
--- screen, in no closed fold, and not in the last row of a window.
---@param place? llmls.Place
---@return boolean
function M.is_in_sight(place)
  local win = place and vim.fn.bufwinid(place.bufnr) or -1
  if not place or win < 0 then
    return false
  end
  return vim.api.nvim_win_call(win, function()
    local line, info = place.last[1] + 1, vim.fn.getwininfo(win)[1]
    local last = vim.fn.screenpos(win, line, math.max(1, vim.fn.col({ line, '$' }) - 1)).row
    return last > 0 and vim.fn.foldclosed(line) < 0 and last < info.winrow + info.height - 1
  end)
end

---@param conversation llmls.Conversation
---@return llmls.Inline
function M.new(conversation)
  local inline = setmetatable(
    { conversation = conversation, bufnr = conversation.anchor.place.bufnr, open = true, full = false },
    Inline
  )
  inline:watch()
  return inline
end

--- Closes it once the code has changed, and goes along with code that is elsewhere
--- after the buffer was read again.
---@private
function Inline:watch()
  if not vim.api.nvim_buf_is_loaded(self.bufnr) then
    return
  end
  local waiting, reloaded = false, false
  local function look()
    if not self.open then
      return true
    elseif waiting then
      return
    end
    waiting = true
    vim.schedule(function()
      waiting = false
      if self.open and self.conversation.anchor:has_changed() then
        self:close()
      elseif reloaded then
        self:draw(self.conversation:last())
      end
      reloaded = false
    end)
  end
  vim.api.nvim_buf_attach(self.bufnr, false, {
    on_lines = look,
    on_reload = function()
      reloaded = true
      look()
    end,
  })
end

---@return boolean
function Inline:is_open()
  return self.open
end

---@private
---@return integer
function Inline:width()
  local win = vim.fn.bufwinid(self.bufnr)
  local info = win > 0 and vim.fn.getwininfo(win)[1]
  return math.min(WIDEST, (info and info.width - info.textoff or vim.o.columns) - 4)
end

--- The lines of an answer, wrapped, no more than fit; and whether there are more.
---@private
---@param answer llmls.Answer
---@return llmls.Chunk[][]
---@return boolean full
function Inline:lines(answer)
  local lines, state, width, most = {}, {}, self:width(), config.get().inline.height
  for _, line in ipairs(answer.question and vim.split(answer.question, '\n') or {}) do
    table.insert(lines, { { line, 'LlmlsTitle' } })
  end
  local text = vim.trim(answer:shown_text())
  for line in vim.gsplit(text, '\n', { plain = true }) do
    local chunks = text ~= '' and markdown.line(line, state)
    if chunks then
      vim.list_extend(lines, wrap.chunks(chunks, width))
    end
    if #lines > most then
      return vim.list_slice(lines, 1, most), true
    end
  end
  return lines, false
end

---@private
---@param answer llmls.Answer
function Inline:draw(answer)
  local place = self.open and self.conversation.anchor:now()
  if not place then
    return
  end
  local virtual = {}
  local lines, full = self:lines(answer)
  self.full = full
  for _, line in ipairs(lines) do
    table.insert(virtual, { { '│ ', 'LlmlsBorder' }, unpack(line) })
  end
  local footer = full and '… :Llmls answers shows the rest' or nil
  if not answer:is_running() then
    local finish = answer.message or answer.meta or ''
    footer = footer and finish ~= '' and footer .. ' · ' .. finish or footer or finish
  end
  for _, line in ipairs(footer and footer ~= '' and wrap.words(footer, self:width()) or {}) do
    table.insert(
      virtual,
      { { '╰ ', 'LlmlsBorder' }, { line, answer.state == 'failed' and 'LlmlsError' or 'LlmlsMessage' } }
    )
  end
  self.mark = vim.api.nvim_buf_set_extmark(self.bufnr, ns, place.last[1], 0, { id = self.mark, virt_lines = virtual })
end

function Inline:begin()
  self.full = false
end

---@param answer llmls.Answer
function Inline:append(answer)
  if not self.full then
    self:draw(answer)
  end
end

---@param answer llmls.Answer
function Inline:finish(answer)
  self:draw(answer)
end

function Inline:close()
  if not self.open then
    return
  end
  self.open = false
  if self.mark and vim.api.nvim_buf_is_loaded(self.bufnr) then
    vim.api.nvim_buf_del_extmark(self.bufnr, ns, self.mark)
  end
  if self.conversation.surface == self then
    self.conversation:show(nil)
  end
end

return M
