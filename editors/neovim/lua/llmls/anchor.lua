--- The code that an answer is about: it is marked while the answer is there,
--- and found again when lines above it come and go.
local places = require('llmls.place')

local M = {}

local ns = vim.api.nvim_create_namespace('llmls')

---@class llmls.Anchor
---@field place llmls.Place where it was
---@field private text string what it was
---@field private mark? integer nil if it is nowhere
---@field private group? string the highlight of the range
---@field private spinner? integer
local Anchor = {}
Anchor.__index = Anchor

---@param place llmls.Place
---@param group? string
---@param id? integer
---@return integer
local function set_mark(place, group, id)
  return vim.api.nvim_buf_set_extmark(place.bufnr, ns, place.first[1], place.first[2], {
    id = id,
    end_row = place.last[1],
    end_col = place.last[2],
    hl_group = group,
    priority = 90, -- below treesitter's 100: the colours of the code stay
    -- Text that is inserted right before the code, such as a line above it, is
    -- not part of the code.
    right_gravity = true,
    end_right_gravity = true,
    undo_restore = true,
    strict = false,
  })
end

---@param place llmls.Place
---@return llmls.Anchor
function M.new(place)
  local anchor = setmetatable({ place = place, text = places.text(place), group = 'LlmlsRange' }, Anchor)
  anchor.mark = set_mark(place, anchor.group)
  vim.api.nvim_buf_attach(place.bufnr, false, {
    on_reload = function()
      anchor:find()
    end,
  })
  return anchor
end

--- One for a conversation whose code is not marked: it may have changed since.
---@param bufnr integer where the person is
---@return llmls.Anchor
function M.nowhere(bufnr)
  return setmetatable({ place = { bufnr = bufnr, first = { 0, 0 }, last = { 0, 0 } }, text = '' }, Anchor)
end

---@return boolean
function Anchor:is_valid()
  return vim.api.nvim_buf_is_loaded(self.place.bufnr)
end

--- Finds the code again after the buffer was read anew: where it was, or the nearest
--- lines that have it. Without any it is nowhere.
---@private
function Anchor:find()
  local now, first, last = self:now(), self.place.first, self.place.last
  local was, rows = now and now.first[1] or first[1], last[1] - first[1]
  local begins = self.text:match('^[^\n]*')
  local found
  for row, line in ipairs(vim.api.nvim_buf_get_lines(self.place.bufnr, 0, -1, false)) do
    row = row - 1
    local place = { bufnr = self.place.bufnr, first = { row, first[2] }, last = { row + rows, last[2] } }
    if line:find(begins, first[2] + 1, true) == first[2] + 1 then
      local ok, text = pcall(places.text, place)
      local nearer = not found or math.abs(row - was) < math.abs(found.first[1] - was)
      if ok and text == self.text and nearer then
        found = place
      end
    end
  end
  if self.mark then
    vim.api.nvim_buf_del_extmark(self.place.bufnr, ns, self.mark)
  end
  self.mark = found and set_mark(found, self.group)
end

--- Where it is now. nil if it is nowhere.
---@return llmls.Place?
function Anchor:now()
  if not self.mark or not self:is_valid() then
    return nil
  end
  local mark = vim.api.nvim_buf_get_extmark_by_id(self.place.bufnr, ns, self.mark, { details = true })
  if not mark[1] then
    return nil
  end
  return {
    bufnr = self.place.bufnr,
    -- Whole lines stay whole when something is typed in front of the first.
    first = { mark[1], self.place.first[2] == 0 and 0 or mark[2] },
    last = { mark[3].end_row, mark[3].end_col },
    block = self.place.block,
  }
end

--- Reports whether the code differs from what was explained.
---@return boolean
function Anchor:has_changed()
  local now = self:now()
  return not now or places.text(now) ~= self.text
end

--- Sets or removes the highlight of the range.
---@param group? string 'LlmlsRange', or nil for no mark
function Anchor:highlight(group)
  self.group = group
  local now = self:now()
  if now then
    set_mark(now, group, self.mark)
  end
end

--- Shows text at the end of the range.
---@param text string
function Anchor:say(text)
  local now = self:now()
  if not now then
    return
  end
  self.spinner = vim.api.nvim_buf_set_extmark(now.bufnr, ns, now.last[1], 0, {
    id = self.spinner,
    virt_text = { { text, 'LlmlsSpinner' } },
    virt_text_pos = 'eol',
    hl_mode = 'combine',
  })
end

--- Removes the text that say() showed.
function Anchor:hush()
  if self.spinner and self:is_valid() then
    vim.api.nvim_buf_del_extmark(self.place.bufnr, ns, self.spinner)
  end
  self.spinner = nil
end

return M
