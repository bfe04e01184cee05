-- What vim.lsp.enable('llmls') starts (Neovim 0.11 and newer). On 0.10 the
-- plugin reads this file itself. There are no filetypes, because llmls answers
-- in every file.
---@type table
return {
  cmd = { 'llmls' },
  root_markers = { '.git' },
}
