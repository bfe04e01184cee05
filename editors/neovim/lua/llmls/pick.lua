--- Choosing from a list, by vim.ui.select.
local client = require('llmls.client')
local conversations = require('llmls.conversation')
local notify = require('llmls.notify')

local M = {}

---@type string[] the models that were listed last, for completion
M.models = {}

--- The answers of this session, newest first; the one that is chosen is shown.
---@param show fun(conversation: llmls.Conversation)
function M.answer(show)
  local list = conversations.all()
  if #list == 0 then
    return notify.say('there is no answer in this session yet', vim.log.levels.INFO)
  end
  vim.ui.select(list, {
    prompt = 'Answers',
    kind = 'llmls.answer',
    format_item = function(conversation)
      local last = conversation:last()
      local about = last.question or vim.trim(last:text()):match('^[^\n]*') or ''
      if last:is_running() then
        about = '… ' .. about
      end
      return ('%s: %s'):format(conversation.title, vim.fn.strcharpart(about, 0, 60))
    end,
  }, function(conversation)
    if conversation then
      show(conversation)
    end
  end)
end

---@param name string
function M.set_model(name)
  client.set({ model = name })
  notify.say(('the next answer comes from %s'):format(name), vim.log.levels.INFO)
end

--- The models that the endpoint offers; the one that is chosen answers next.
function M.model()
  client.with(vim.api.nvim_get_current_buf(), function(ready)
    client.execute(ready, 'llmls.models', nil, function(err, result)
      if err then
        return notify.say(err.message)
      end
      M.models = result.models
      if #M.models == 0 then
        return notify.say('the endpoint lists no models. Name one: :Llmls model NAME', vim.log.levels.WARN)
      end
      vim.ui.select(M.models, {
        prompt = 'Model',
        kind = 'llmls.model',
        format_item = function(name)
          return name == result.model and name .. ' (now)' or name
        end,
      }, function(name)
        if name then
          M.set_model(name)
        end
      end)
    end)
  end, notify.say)
end

return M
