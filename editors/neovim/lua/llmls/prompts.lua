--- The person's own prompts, which the server reads from files.
local client = require('llmls.client')
local notify = require('llmls.notify')

local M = {}

---@class llmls.Prompt
---@field name string
---@field title string
---@field description? string
---@field input? string the question to ask the person first
---@field source? string the path of its file

---@type string[] the names that were listed last, for completion
M.names = {}

--- Lists the prompts that count for the current buffer.
---@param done fun(list: llmls.Prompt[])
local function list(done)
  local bufnr = vim.api.nvim_get_current_buf()
  client.with(bufnr, function(ready)
    client.execute(ready, 'llmls.prompts', { uri = vim.uri_from_bufnr(bufnr) }, function(err, result)
      if err then
        return notify.say(err.message)
      end
      M.names = vim.tbl_map(function(prompt)
        return prompt.name
      end, result)
      done(result)
    end)
  end, notify.say)
end

--- The names that begin with `lead`. They come a moment later than asked for the
--- first time, because a server that is not running has to be started.
---@param lead string
---@return string[]
function M.complete(lead)
  local known = false
  list(function()
    known = true
  end)
  vim.wait(1000, function()
    return known
  end, 10)
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, M.names)
end

--- Asks the person what the prompt wants to know, and then the prompt.
---@param prompt llmls.Prompt
---@param options llmls.Options
local function ask(prompt, options)
  if not prompt.input then
    return require('llmls').prompt(prompt, nil, options)
  end
  require('llmls.prompt').line(prompt.input .. ' ', function(input)
    require('llmls').prompt(prompt, input, options)
  end)
end

--- Asks the prompt of that name; without one the person chooses.
---@param name string
---@param options llmls.Options
function M.run(name, options)
  options.place = options.place or require('llmls.place').here()
  list(function(prompts)
    for _, prompt in ipairs(prompts) do
      if prompt.name == name then
        return ask(prompt, options)
      end
    end
    if name ~= '' then -- one of the repository, which the server asks about first, or none
      return ask({ name = name, title = name }, options)
    end
    if #prompts == 0 then
      return notify.say('there is no prompt yet. Make one: llmls prompt --new NAME', vim.log.levels.WARN)
    end
    vim.ui.select(prompts, {
      prompt = 'Prompt',
      kind = 'llmls.prompt',
      format_item = function(prompt)
        return prompt.description and ('%s: %s'):format(prompt.title, prompt.description) or prompt.title
      end,
    }, function(prompt)
      if prompt then
        ask(prompt, options)
      end
    end)
  end)
end

return M
