-- Defines the command and the <Plug> maps, and nothing else: the rest is loaded
-- when it is first asked for.
if vim.g.loaded_llmls then
  return
end
vim.g.loaded_llmls = 1

vim.api.nvim_create_user_command('Llmls', function(call)
  require('llmls.command').run(call)
end, {
  nargs = '*',
  range = true,
  bang = true,
  desc = 'Explain code and ask about it, with llmls',
  complete = function(lead, line, cursor)
    return require('llmls.command').complete(lead, line, cursor)
  end,
})

local map = vim.api.nvim_set_keymap
for _, name in ipairs({ 'explain', 'ask', 'diagnostic', 'more', 'reply', 'retry', 'stop', 'close', 'answers' }) do
  local lhs, rhs = ('<Plug>(llmls-%s)'):format(name), ('<Cmd>Llmls %s<CR>'):format(name)
  map('n', lhs, rhs, { noremap = true })
  if name == 'explain' or name == 'ask' then
    map('x', lhs, rhs, { noremap = true })
  end
end

for _, name in ipairs({ 'explain', 'ask' }) do
  map('n', ('<Plug>(llmls-%s-operator)'):format(name), '', {
    expr = true,
    noremap = true,
    callback = function()
      return require('llmls.command').operator(name)
    end,
  })
end
