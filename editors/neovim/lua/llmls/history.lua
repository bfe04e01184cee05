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
---@field turns integer
---@field source string the path of its file

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

--- Opens the file of an earlier conversation.
---@param earlier llmls.Earlier
---@param options llmls.Options
local function open(earlier, options)
  vim.cmd(('%s sview %s'):format(options.mods or '', vim.fn.fnameescape(earlier.source)))
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
  local function choose()
    if #list == 0 then
      return notify.say('there is no answer yet that has this', vim.log.levels.INFO)
    end
    vim.ui.select(list, {
      prompt = 'Answers',
      kind = 'llmls.answer',
      format_item = function(item)
        return item.source and ('%s  %s'):format(item.when:sub(1, 10), item.title) or describe(item)
      end,
    }, function(item)
      if item and item.source then
        open(item, options)
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
      choose()
    end)
  end, choose)
end

return M
