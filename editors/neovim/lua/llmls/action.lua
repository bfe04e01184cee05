--- Code actions of the server, chosen from Neovim's own menu.
local places = require('llmls.place')

local M = {}

--- The place that a command is about.
---@param argument table
---@param client vim.lsp.Client
---@param context { bufnr: integer }
---@return llmls.Place
local function place_of(argument, client, context)
  -- A buffer without a name cannot be found by its URI.
  local unnamed = vim.api.nvim_buf_get_name(context.bufnr) == ''
  local bufnr = unnamed and context.bufnr or vim.uri_to_bufnr(argument.uri)
  return places.from_range(bufnr, argument.range, client.offset_encoding)
end

--- Runs llmls.explain or llmls.ask as :Llmls does.
---@param command lsp.Command
---@param context { client_id: integer, bufnr: integer }
function M.run(command, context)
  local argument = command.arguments[1]
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local place = place_of(argument, client, context)
  if command.command == 'llmls.explain' then
    require('llmls').explain({ place = place, diagnostic = argument.diagnostic })
  elseif argument.question then
    require('llmls').ask(argument.question, { place = place })
  else
    require('llmls.prompt').line(('Ask about %s: '):format(places.name(place)), function(question)
      require('llmls').ask(question, { place = place })
    end)
  end
end

--- Runs llmls.prompt as :Llmls does. Without a name the server asks the person about
--- the repository's prompts.
---@param command lsp.Command
---@param context { client_id: integer, bufnr: integer }
function M.prompt(command, context)
  local argument = command.arguments[1]
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  if argument.name then
    return require('llmls.prompts').run(argument.name, { place = place_of(argument, client, context) })
  end
  require('llmls.client').execute(client, command.command, argument, function(err)
    if err then
      require('llmls.notify').say(err.message)
    end
  end)
end

return M
