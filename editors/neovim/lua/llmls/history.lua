--- The answers there are to return to: this session's, and earlier conversations,
--- which are files.
local client = require('llmls.client')
local conversations = require('llmls.conversation')
local notify = require('llmls.notify')

local M = {}

---@class llmls.Earlier an entry of llmls.history
---@field conversation string
---@field title string
---@field when string

---@param conversation llmls.Conversation
---@return string
local function describe(conversation)
  local last = conversation:last()
  local about = last.question or vim.trim(last:text()):match('^[^\n]*') or ''
  if last:is_running() then
    about = '… ' .. about
  end
  return ('%s: %s'):format(conversation.title, vim.fn.strcharpart(about, 0, 60))
end

--- Shows an earlier conversation, to read it and to go on with it.
---@param ready vim.lsp.Client
---@param earlier llmls.Earlier
---@param options llmls.Options
local function open(ready, earlier, options)
  client.execute(ready, 'llmls.answers', { conversation = earlier.conversation }, function(err, turns)
    if err then
      return notify.say(err.message)
    end
    require('llmls.highlight')
    require('llmls').reveal(conversations.earlier(vim.fn.reverse(turns)), options)
  end)
end

--- Removes conversations for good, after the person agreed.
---@param what string of them, for the question
---@param argument table of llmls.forget
local function forget(what, argument)
  vim.ui.select({ 'Remove', 'Keep' }, { prompt = ('Remove %s for good?'):format(what) }, function(choice)
    if choice ~= 'Remove' then
      return
    end
    client.with(vim.api.nvim_get_current_buf(), function(ready)
      client.execute(ready, 'llmls.forget', argument, function(err, gone)
        if err then
          return notify.say(err.message)
        end
        conversations.forget(gone.conversations)
        local n = #gone.conversations
        notify.say(n == 1 and '1 conversation removed' or n .. ' conversations removed', vim.log.levels.INFO)
      end)
    end, notify.say)
  end)
end

--- What :Llmls forget takes.
M.SETS = { 'all', 'workspace' }

--- Removes the conversation in sight, those about files of the workspace, or all.
---@param which string one of SETS, or '' for the one in sight
function M.forget(which)
  if which == 'all' then
    return forget('all conversations', { all = true })
  elseif which == 'workspace' then
    return forget("this workspace's conversations", { workspace = true })
  elseif which ~= '' then
    return notify.say('there is no such set of conversations. There is: all, workspace.')
  end
  local current = conversations.current()
  if not current or not current.id then
    return notify.say('there is no conversation to remove. See :Llmls answers.', vim.log.levels.WARN)
  end
  forget(('"%s"'):format(current.title), { conversation = current.id })
end

--- Lists the conversations, newest first; the one that is chosen is shown.
---@param words string that each stand in an earlier one; '' for all
---@param options llmls.Options
function M.pick(words, options)
  local list, known = {}, {}
  for _, conversation in ipairs(conversations.all()) do
    if words == '' then
      table.insert(list, conversation)
    end
    if conversation.id then
      known[conversation.id] = true
    end
  end
  ---@param ready? vim.lsp.Client
  local function choose(ready)
    if #list == 0 then
      return notify.say('there is no answer yet that has this', vim.log.levels.INFO)
    end
    vim.ui.select(list, {
      prompt = 'Answers',
      kind = 'llmls.answer',
      format_item = function(item)
        return item.when and ('%s  %s'):format(item.when:sub(1, 10), item.title) or describe(item)
      end,
    }, function(item)
      if item and item.when then
        open(assert(ready), item, options)
      elseif item then
        require('llmls').reveal(item, options)
      end
    end)
  end
  client.with(vim.api.nvim_get_current_buf(), function(ready)
    client.execute(ready, 'llmls.history', { query = words }, function(err, result)
      for _, earlier in ipairs(err and {} or result) do
        if words ~= '' or not known[earlier.conversation] then
          table.insert(list, earlier)
        end
      end
      choose(ready)
    end)
  end, function()
    choose()
  end)
end

return M
