--- Code actions of the server, chosen from Neovim's own menu.
local places = require('llmls.place')

local M = {}

--- Runs llmls.explain or llmls.ask as :Llmls does.
---@param command lsp.Command
---@param context { client_id: integer }
function M.run(command, context)
  local argument = command.arguments[1]
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local place = places.from_range(vim.uri_to_bufnr(argument.uri), argument.range, client.offset_encoding)
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

return M
