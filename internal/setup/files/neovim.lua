-- Text of llmls in the last row, as much as it has room for.
local function row(text)
  vim.api.nvim_echo({ { vim.fn.strcharpart(text:gsub('%s+', ' '), 0, vim.v.echospace) } }, false, {})
end

vim.lsp.config('llmls', {
  cmd = { 'llmls' },
  root_markers = { '.git' },
  handlers = {
    ['window/showMessage'] = function(_, params)
      row(params.message)
    end,
  },
})
vim.lsp.enable('llmls')

-- The newest text while an answer grows.
vim.api.nvim_create_autocmd('LspProgress', {
  callback = function(event)
    local client, value = vim.lsp.get_client_by_id(event.data.client_id), event.data.params.value
    if client and client.name == 'llmls' then
      row(value.message or value.title or '')
    end
  end,
})

-- :Ask explains the line, :'<,'>Ask the selected ones, :Ask why? asks about them.
vim.api.nvim_create_user_command('Ask', function(args)
  local client = assert(vim.lsp.get_clients({ name = 'llmls', bufnr = 0 })[1], 'llmls is not running here')
  local about = {
    uri = vim.uri_from_bufnr(0),
    range = { start = { line = args.line1 - 1, character = 0 }, ['end'] = { line = args.line2, character = 0 } },
    question = args.args ~= '' and args.args or nil,
  }
  client:exec_cmd({ title = 'Ask', command = about.question and 'llmls.ask' or 'llmls.explain', arguments = { about } })
end, { range = true, nargs = '*' })

-- From Visual mode the menu of code actions waits 3 seconds before it acts; this
-- does not.
vim.keymap.set('x', '<Leader>e', ':Ask<CR>', { desc = 'Explain' })

-- The file of the answers is saved when you leave.
vim.api.nvim_create_autocmd('QuitPre', {
  callback = function()
    for _, bufnr in ipairs(vim.api.nvim_list_bufs()) do
      if vim.bo[bufnr].modified and vim.api.nvim_buf_get_name(bufnr):find('[/\\]llmls[/\\]answers[/\\]') then
        vim.api.nvim_buf_call(bufnr, function()
          vim.cmd('silent write')
        end)
      end
    end
  end,
})
