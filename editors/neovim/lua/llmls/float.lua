--- The default surface: a window beside the code, never over it, that grows with
--- the text and is never entered by itself.
local config = require('llmls.config')
local spots = require('llmls.spot')

local M = {}

local BORDER = spots.BORDER

---@class llmls.Float: llmls.Surface
---@field win? integer
---@field private conversation llmls.Conversation
---@field private spot llmls.Spot
---@field private height integer
---@field private group integer
local Float = { name = 'float' }
Float.__index = Float

---@type llmls.Float? the one that is open: there is one at most
local current

--- The window that shows the code, the current one first.
---@param bufnr integer
---@return integer?
local function window_of(bufnr)
  if vim.api.nvim_win_get_buf(0) == bufnr then
    return vim.api.nvim_get_current_win()
  end
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if vim.api.nvim_win_get_buf(win) == bufnr then
      return win
    end
  end
end

--- The window and the code that a float stands beside: the line of the cursor if the
--- code of the conversation is not on the screen.
---@param conversation llmls.Conversation
---@return integer win
---@return llmls.Place
local function beside(conversation)
  local place = conversation.anchor:now()
  local win = place and window_of(place.bufnr)
  if place and win then
    return win, place
  end
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  return vim.api.nvim_get_current_win(),
    { bufnr = vim.api.nvim_get_current_buf(), first = { row, 0 }, last = { row, 0 } }
end

---@param conversation llmls.Conversation
---@return llmls.Float? nil if there is no room beside the code
function M.new(conversation)
  if not spots.find(beside(conversation)) then
    return nil
  end
  local float = setmetatable({ conversation = conversation, height = 1 }, Float)
  local bufnr = conversation.anchor.place.bufnr
  require('llmls.colour').prepare(vim.api.nvim_buf_is_valid(bufnr) and vim.bo[bufnr].filetype or '', function()
    conversation:open_page() -- so that the first text finds it ready
  end)
  return float
end

---@return boolean
function Float:is_open()
  return self.win ~= nil and vim.api.nvim_win_is_valid(self.win)
end

---@private
---@return table
function Float:layout()
  local border = config.get().float.border
  if not border and vim.fn.exists('+winborder') == 1 and not vim.list_contains({ '', 'none' }, vim.o.winborder) then
    border = vim.o.winborder:find(',') and vim.split(vim.o.winborder, ',') or vim.o.winborder
  end
  local title = (' %s '):format(self.conversation.title)
  return {
    relative = 'editor',
    anchor = self.spot.anchor,
    row = self.spot.row,
    col = self.spot.col,
    width = math.max(1, self.spot.width),
    height = math.max(1, math.min(self.height, self.spot.height)),
    border = border or 'rounded',
    title = { { title, 'LlmlsTitle' } },
    footer = require('llmls.keys').footer(self.conversation, self.spot.width),
    style = 'minimal',
    zindex = 45,
  }
end

--- Opens the window, without entering it.
---@private
---@return boolean
function Float:open()
  local page = self.conversation:open_page()
  self.spot = spots.find(beside(self.conversation))
  if not self.spot then
    return false
  end
  if current and current ~= self then
    current:close()
  end
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if vim.w[win].llmls_float then -- of the plugin before it was loaded again
      vim.api.nvim_win_close(win, true)
    end
  end
  current = self
  local layout = self:layout()
  layout.height = layout.height + 1 -- for the bar of a split that showed the page before (E36)
  self.win = vim.api.nvim_open_win(page.bufnr, false, layout)
  for option, value in pairs({
    wrap = true,
    linebreak = true,
    breakindent = true,
    conceallevel = 2,
    concealcursor = 'n',
    foldenable = false,
    spell = false,
    scrolloff = 0,
    smoothscroll = true,
    winbar = '',
    winhighlight = 'NormalFloat:LlmlsFloat,FloatBorder:LlmlsBorder',
  }) do
    vim.api.nvim_set_option_value(option, value, { scope = 'local', win = self.win })
  end
  vim.api.nvim_win_set_config(self.win, self:layout())
  vim.api.nvim_win_set_var(self.win, 'llmls_float', true)
  vim.api.nvim_win_set_cursor(self.win, { vim.api.nvim_buf_line_count(page.bufnr), 0 })
  require('llmls.keys').map(self.conversation)
  self:follow()
  self:grow()
  return true
end

--- Installs the autocommands of the open window: it moves with the code, and the
--- conversation learns when the person closes it.
---@private
function Float:follow()
  self.group = vim.api.nvim_create_augroup('llmls.float', {})
  vim.api.nvim_create_autocmd({ 'WinScrolled', 'WinResized', 'VimResized' }, {
    group = self.group,
    callback = function(event)
      if event.match ~= tostring(self.win) then
        self:move()
      end
    end,
  })
  vim.api.nvim_create_autocmd({ 'CursorMoved', 'CursorMovedI' }, {
    group = self.group,
    callback = function()
      if self:is_open() and self:covers(spots.cursor(0)) then
        self:move()
      end
    end,
  })
  vim.api.nvim_create_autocmd('WinClosed', {
    group = self.group,
    pattern = tostring(self.win),
    callback = function()
      vim.schedule(function()
        self:close()
      end)
    end,
  })
end

---@private
function Float:move()
  if not self:is_open() or vim.api.nvim_get_current_win() == self.win then
    return
  end
  local spot = spots.find(beside(self.conversation))
  if spot then
    self.spot = spot
    self.height = math.min(self.spot.height, vim.api.nvim_win_text_height(self.win, {}).all)
  end
  vim.api.nvim_win_set_config(self.win, vim.tbl_extend('force', self:layout(), { hide = spot == nil }))
end

--- Whether the window, with its border, is on that cell of the screen.
---@private
---@param row? integer from 0
---@param column? integer
---@return boolean
function Float:covers(row, column)
  if not row or not column or vim.api.nvim_get_current_win() == self.win then
    return false
  end
  local at = vim.fn.win_screenpos(self.win)
  local top, left = at[1] - 1, at[2] - 1
  return row >= top
    and row < top + vim.api.nvim_win_get_height(self.win) + BORDER
    and column >= left
    and column < left + vim.api.nvim_win_get_width(self.win) + BORDER
end

--- Becomes as high as the text, up to the limit; then it scrolls.
---@private
function Float:grow()
  if self.height < self.spot.height then
    self:resize(math.max(self.height, vim.api.nvim_win_text_height(self.win, {}).all))
  end
end

---@private
---@param wanted integer the height of the text
function Float:resize(wanted)
  local height = math.min(self.spot.height, wanted)
  if height ~= self.height then
    self.height = height
    vim.api.nvim_win_set_config(self.win, { height = height })
  end
  -- Lines that it had no room for were scrolled out at the top.
  if wanted <= height and vim.api.nvim_get_current_win() ~= self.win then
    vim.api.nvim_win_call(self.win, function()
      if vim.fn.line('w0') > 1 then
        vim.fn.winrestview({ topline = 1, skipcol = 0, topfill = 0 })
      end
    end)
  end
end

---@private
function Float:refresh()
  if self:is_open() then
    vim.api.nvim_win_set_config(self.win, self:layout())
  end
end

---@param answer llmls.Answer
function Float:begin(answer)
  if answer.number ~= self.conversation.answers[1].number then
    if not self:is_open() then
      self:open()
    end
    self:refresh()
  end
end

function Float:append()
  if not self:is_open() then
    self:open()
  else
    self:grow()
  end
end

---@param answer llmls.Answer
function Float:finish(answer)
  if not self:is_open() and answer.message and answer.state ~= 'stopped' then
    self:open()
  end
  if self:is_open() then
    self:resize(math.max(1, vim.api.nvim_win_text_height(self.win, {}).all))
    self:refresh()
  end
end

--- Puts the cursor into it.
function Float:enter()
  if self:is_open() or self:open() then
    vim.api.nvim_set_current_win(self.win)
  end
end

--- Shows it, for a conversation that has text already.
function Float:reveal()
  if not self:is_open() then
    self:open()
  end
end

--- Closes the window. The answer goes on, and can be shown again.
function Float:close()
  if current == self then
    current = nil
  end
  if self.group then
    pcall(vim.api.nvim_del_augroup_by_id, self.group)
    self.group = nil
  end
  local win = self.win
  self.win, self.height = nil, 1
  if win and vim.api.nvim_win_is_valid(win) then
    vim.api.nvim_win_close(win, true)
  end
  if self.conversation.surface == self then
    self.conversation:show(nil)
  end
end

--- The open float, if there is one in this tab page.
---@return llmls.Float?
function M.current()
  if
    current
    and current:is_open()
    and vim.api.nvim_win_get_tabpage(current.win) == vim.api.nvim_get_current_tabpage()
  then
    return current
  end
end

--- The conversation of a float.
---@return llmls.Conversation
function Float:subject()
  return self.conversation
end

return M
