--- The keys of a float.
local M = {}

---@class llmls.Key
---@field lhs string
---@field desc string
---@field run fun(conversation: llmls.Conversation)

--- Sets the register that the person named, or else the one that y uses.
---@param text string
---@param what string
local function yank(text, what)
  vim.fn.setreg(vim.v.register, text)
  require('llmls.notify').say('yanked ' .. what, vim.log.levels.INFO)
end

---@type llmls.Key[]
local keys = {
  {
    lhs = '<CR>',
    desc = 'reply',
    run = function(conversation)
      require('llmls.prompt').reply(conversation)
    end,
  },
  {
    lhs = '+',
    desc = 'more detail',
    run = function(conversation)
      require('llmls').more(conversation)
    end,
  },
  {
    lhs = 'y',
    desc = 'yank the answer',
    run = function(conversation)
      yank(conversation:last():text(), 'the answer')
    end,
  },
  {
    lhs = 'gy',
    desc = 'yank the code block under the cursor',
    run = function(conversation)
      local block = conversation.page:code_block(vim.api.nvim_win_get_cursor(0)[1])
      if block then
        yank(block, 'the code block')
      else
        require('llmls.notify').say('there is no code block under the cursor', vim.log.levels.WARN)
      end
    end,
  },
  {
    lhs = 'p',
    desc = 'pin to a split',
    run = function(conversation)
      require('llmls').pin(conversation)
    end,
  },
  {
    lhs = 'r',
    desc = 'retry',
    run = function(conversation)
      conversation:retry()
    end,
  },
  {
    lhs = '<C-c>',
    desc = 'stop',
    run = function(conversation)
      conversation:stop()
    end,
  },
  {
    lhs = 'q',
    desc = 'close',
    run = function(conversation)
      conversation:show(nil)
    end,
  },
}

--- Lists the keys in a small window that any of q, ? and <Esc> closes.
local function help()
  local lines = {}
  for _, key in ipairs(keys) do
    table.insert(lines, (' %-6s %s '):format(key.lhs, key.desc))
  end
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].modifiable = false
  local width = 0
  for _, line in ipairs(lines) do
    width = math.max(width, vim.api.nvim_strwidth(line))
  end
  local win = vim.api.nvim_open_win(bufnr, true, {
    relative = 'cursor',
    row = 1,
    col = 0,
    width = width,
    height = #lines,
    style = 'minimal',
    border = 'rounded',
    title = ' llmls ',
    zindex = 60,
  })
  local function close()
    if vim.api.nvim_win_is_valid(win) then
      vim.api.nvim_win_close(win, true)
    end
  end
  for _, lhs in ipairs({ 'q', '?', '<Esc>', '<CR>' }) do
    vim.keymap.set('n', lhs, close, { buffer = bufnr, nowait = true })
  end
  vim.api.nvim_create_autocmd('WinLeave', { buffer = bufnr, once = true, callback = close })
end

--- Sets the keys in the page of a conversation.
---@param conversation llmls.Conversation
function M.map(conversation)
  local bufnr = conversation.page.bufnr
  for _, key in ipairs(keys) do
    vim.keymap.set('n', key.lhs, function()
      key.run(conversation)
    end, { buffer = bufnr, nowait = true, desc = 'llmls: ' .. key.desc })
  end
  vim.keymap.set('n', '?', help, { buffer = bufnr, nowait = true, desc = 'llmls: help' })
end

--- Removes these keys from the page.
---@param bufnr integer
function M.unmap(bufnr)
  for _, key in ipairs(keys) do
    pcall(vim.keymap.del, 'n', key.lhs, { buffer = bufnr })
  end
  pcall(vim.keymap.del, 'n', '?', { buffer = bufnr })
end

--- The footer of a float: the keys that matter now, then what the answer cost.
---@param conversation llmls.Conversation
---@param width integer
---@return llmls.Chunk[]
function M.footer(conversation, width)
  local running = conversation:last():is_running()
  local short = running and '<C-c> stop  p pin  q close  ? help' or '⏎ reply  + more  r retry  p pin  q close  ? help'
  local meta = conversation:meta()
  if meta ~= '' and vim.api.nvim_strwidth(short .. meta) + 6 > width then
    short = '⏎ reply  + more  ? help'
  end
  if meta ~= '' and vim.api.nvim_strwidth(short .. meta) + 6 > width then
    short = '? help'
  end
  local chunks = { { ' ' .. short .. ' ', 'LlmlsKeys' } }
  if meta ~= '' then
    table.insert(chunks, { '─ ', 'LlmlsBorder' })
    table.insert(chunks, { meta .. ' ', 'LlmlsMeta' })
  end
  return chunks
end

return M
