-- The configuration that vim.lsp.enable('llmls') uses (Neovim 0.11 and newer).
-- On 0.10 the plugin reads this file itself. It names no filetypes, because llmls
-- answers in every file.
---@type table
return {
  cmd = { 'llmls' },
  root_markers = { '.git' },
  -- Answers to the server's code actions are shown as those of :Llmls.
  commands = {
    ['llmls.explain'] = function(command, context)
      require('llmls.action').run(command, context)
    end,
    ['llmls.ask'] = function(command, context)
      require('llmls.action').run(command, context)
    end,
    ['llmls.earlier'] = function()
      require('llmls.history').pick('', {})
    end,
    ['llmls.prompt'] = function(command, context)
      require('llmls.action').prompt(command, context)
    end,
  },
  -- The plugin shows all answers, so the server never has one to show, and Neovim
  -- 0.10 prints a message for each server that returns no hover.
  on_init = function(client)
    require('llmls.client').adopt(client)
    local offered = client.server_capabilities
    offered.hoverProvider, offered.codeLensProvider, offered.inlayHintProvider = nil, nil, nil
  end,
}
