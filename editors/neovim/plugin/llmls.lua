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
  complete = function(lead, line)
    return require('llmls.command').complete(lead, line)
  end,
})

for modes, names in pairs({
  nx = { 'explain', 'ask' },
  n = { 'diagnostic', 'more', 'reply', 'retry', 'stop', 'close', 'answers' },
}) do
  for _, name in ipairs(names) do
    vim.keymap.set(vim.split(modes, ''), ('<Plug>(llmls-%s)'):format(name), ('<Cmd>Llmls %s<CR>'):format(name))
  end
end

for _, name in ipairs({ 'explain', 'ask' }) do
  vim.keymap.set('n', ('<Plug>(llmls-%s-operator)'):format(name), function()
    return require('llmls.command').operator(name)
  end, { expr = true })
end
