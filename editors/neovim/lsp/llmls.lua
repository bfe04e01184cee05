-- What vim.lsp.enable('llmls') starts (Neovim 0.11 and newer). On 0.10 the
-- plugin reads this file itself. There are no filetypes, because llmls answers
-- in every file.
---@type table
return {
  cmd = { 'llmls' },
  root_markers = { '.git' },
  -- What the code actions of the server run is shown as by :Llmls.
  commands = {
    ['llmls.explain'] = function(command, context)
      require('llmls.action').run(command, context)
    end,
    ['llmls.ask'] = function(command, context)
      require('llmls.action').run(command, context)
    end,
  },
  -- So there is never an answer that the server would have to show, and 0.10
  -- complains of each server that has no hover.
  on_init = function(client)
    local offered = client.server_capabilities
    offered.hoverProvider, offered.codeLensProvider, offered.inlayHintProvider = nil, nil, nil
  end,
}
