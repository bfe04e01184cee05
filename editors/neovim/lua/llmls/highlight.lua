--- The groups, each a link to a standard one, so that every colour scheme has
--- them.
local M = {}

---@type table<string, string>
M.links = {
  LlmlsRange = 'CursorLine',
  LlmlsSpinner = 'Comment',
  LlmlsFloat = 'NormalFloat',
  LlmlsBorder = 'FloatBorder',
  LlmlsTitle = 'FloatTitle',
  LlmlsKeys = 'Comment',
  LlmlsMeta = 'Comment',
  LlmlsMessage = 'DiagnosticWarn',
  LlmlsError = 'DiagnosticError',
  LlmlsInline = 'Normal',
  LlmlsCode = 'Special',
  LlmlsStrong = 'Title',
  LlmlsEmphasis = '@markup.italic',
}

--- Defines them, where neither the person nor the colour scheme did.
function M.define()
  for name, target in pairs(M.links) do
    vim.api.nvim_set_hl(0, name, { link = target, default = true })
  end
end

M.define()
vim.api.nvim_create_autocmd('ColorScheme', {
  group = vim.api.nvim_create_augroup('llmls.highlight', {}),
  callback = M.define,
})

return M
