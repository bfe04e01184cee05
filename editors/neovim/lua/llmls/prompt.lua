--- How a person types a question.
local M = {}

--- How many questions are kept for <Up> in a vim.ui.input without its own history.
local HISTORY = 50

---@type string[]
local history = {}

--- Questions asked before, newest first, for completion.
---@return string[]
function M.history()
  return history
end

---@param question string
local function remember(question)
  history = vim.tbl_filter(function(before)
    return before ~= question
  end, history)
  table.insert(history, 1, question)
  history[HISTORY + 1] = nil
end

--- How long the server may take to complete a mention.
local PATIENCE = 1000 -- ms

--- The question with each mention that the one at its end may become, such as #file:a.c.
---@param question string
---@return string[]
local function mentions(question)
  local found = {}
  if not question:find('#', 1, true) then
    return found
  end
  local bufnr, over = vim.api.nvim_get_current_buf(), false
  local client = require('llmls.client')
  client.with(bufnr, function(ready)
    local argument = { question = question, uri = vim.uri_from_bufnr(bufnr) }
    client.execute(ready, 'llmls.mentions', argument, function(_, result)
      found, over = result or found, true
    end)
  end, function()
    over = true
  end)
  vim.wait(PATIENCE, function()
    return over
  end, 10)
  return vim.tbl_map(function(mention)
    return mention.question
  end, found)
end

--- Completion for Neovim's own input(): Tab completes a mention, or goes through earlier
--- questions.
---@param lead string
---@return string[]
function M.complete(lead)
  local list = mentions(lead)
  if #list > 0 then
    return list
  end
  return vim.tbl_filter(function(before)
    return vim.startswith(before, lead)
  end, history)
end

--- Asks for one line by vim.ui.input.
---@param prompt string
---@param done fun(question: string)
function M.line(prompt, done)
  vim.ui.input({ prompt = prompt, completion = "customlist,v:lua.require'llmls.prompt'.complete" }, function(question)
    question = vim.trim(question or '')
    if question ~= '' then
      remember(question)
      done(question)
    end
  end)
end

--- Opens a small buffer for a question of several lines. Writing it, or <CR> in
--- Normal mode, sends it; q in Normal mode does not.
---@param title string
---@param done fun(question: string)
function M.lines(title, done)
  local bufnr = vim.api.nvim_create_buf(false, true)
  local bo = vim.bo[bufnr]
  bo.buftype, bo.bufhidden, bo.filetype = 'acwrite', 'wipe', 'markdown'
  vim.api.nvim_buf_set_name(bufnr, ('llmls://question/%d'):format(bufnr))
  local width = math.min(72, vim.o.columns - 4)
  local win = vim.api.nvim_open_win(bufnr, true, {
    relative = 'cursor',
    row = 1,
    col = 0,
    width = width,
    height = math.max(1, math.min(6, vim.o.lines - vim.o.cmdheight - 2)),
    style = 'minimal',
    border = 'rounded',
    title = { { (' %s '):format(title), 'LlmlsTitle' } },
    footer = { { ' ⏎ send (or :w)  q cancel ', 'LlmlsKeys' } },
  })
  vim.wo[win].wrap, vim.wo[win].linebreak = true, true
  local function close()
    if vim.api.nvim_win_is_valid(win) then
      vim.api.nvim_win_close(win, true)
    end
  end
  local function send()
    local question = vim.trim(table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), '\n'))
    vim.bo[bufnr].modified = false
    vim.cmd.stopinsert()
    vim.schedule(function()
      close()
      if question ~= '' then
        remember(question)
        done(question)
      end
    end)
  end
  vim.keymap.set('n', '<CR>', send, { buffer = bufnr, nowait = true, desc = 'llmls: send' })
  vim.keymap.set('n', 'q', close, { buffer = bufnr, nowait = true, desc = 'llmls: cancel' })
  vim.api.nvim_create_autocmd('BufWriteCmd', { buffer = bufnr, callback = send })
  vim.cmd.startinsert()
end

--- Asks for a reply to a conversation.
---@param conversation llmls.Conversation
function M.reply(conversation)
  M.line('Reply: ', function(question)
    conversation:reply(question)
  end)
end

return M
