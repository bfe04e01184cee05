--- The surface for reading at length: a Markdown buffer in a window of its own,
--- which keeps the whole conversation and can be saved with :w {file}.
local config = require('llmls.config')

local M = {}

---@class llmls.Split: llmls.Surface
---@field win? integer
---@field private conversation llmls.Conversation
local Split = { name = 'split' }
Split.__index = Split

--- Opens it, without entering it.
---@param conversation llmls.Conversation
---@param position? string modifiers of a split, such as 'vertical'; without a side it is behind the code
---@return llmls.Split? nil if the screen has no room for it
function M.new(conversation, position)
  local split = setmetatable({ conversation = conversation }, Split)
  local before = vim.api.nvim_get_current_win()
  position = position or config.get().split.position
  if not position:find('left') and not position:find('right') and not position:find('tab') then
    position = 'belowright ' .. position
  end
  if not pcall(vim.cmd, position .. ' split') then
    return nil
  end
  local page = conversation:open_page()
  require('llmls.keys').unmap(page.bufnr)
  page:release(conversation.heading)
  split.win = vim.api.nvim_get_current_win()
  vim.api.nvim_win_set_buf(split.win, page.bufnr)
  for option, value in pairs({
    wrap = true,
    linebreak = true,
    breakindent = true,
    conceallevel = 2,
    concealcursor = '',
    number = false,
    relativenumber = false,
    signcolumn = 'no',
    foldenable = false,
    spell = false,
  }) do
    vim.api.nvim_set_option_value(option, value, { scope = 'local', win = split.win })
  end
  vim.api.nvim_win_set_cursor(split.win, { vim.api.nvim_buf_line_count(page.bufnr), 0 })
  split:title()
  vim.api.nvim_set_current_win(before)
  return split
end

---@private
function Split:title()
  if self:is_open() and vim.api.nvim_win_get_height(self.win) > 2 then -- or the bar has no room (E36)
    local text = self.conversation.title
    local meta = self.conversation:meta()
    local bar = meta == '' and text or text .. ' · ' .. meta
    vim.wo[self.win][0].winbar = '%#LlmlsTitle#' .. bar:gsub('%%', '%%%%')
  end
end

---@return boolean
function Split:is_open()
  return self.win ~= nil
    and vim.api.nvim_win_is_valid(self.win)
    and self.conversation.page ~= nil
    and vim.api.nvim_win_get_buf(self.win) == self.conversation.page.bufnr
end

function Split:begin()
  self:title()
end

function Split:append() end

function Split:finish()
  self:title()
end

function Split:enter()
  if self:is_open() then
    vim.api.nvim_set_current_win(self.win)
  end
end

function Split:close()
  if self:is_open() and #vim.api.nvim_list_wins() > 1 then
    vim.api.nvim_win_close(self.win, false)
  end
  self.win = nil
end

return M
