-- The least that shows an answer while it grows: curl, and this. The benchmark
-- runs it beside the plugin.
vim.api.nvim_create_user_command('Floor', function()
  local bufnr = vim.api.nvim_create_buf(false, true)
  local win = vim.api.nvim_open_win(bufnr, false, {
    relative = 'editor',
    row = 1,
    col = 30,
    width = 76,
    height = 20,
    style = 'minimal',
    border = 'rounded',
  })
  local content = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  local body = { model = 'bench', stream = true, messages = { { role = 'user', content = content } } }
  local url = vim.env.OPENAI_BASE_URL .. '/chat/completions'
  local command = { 'curl', '-sN', url, '-H', 'Content-Type: application/json', '-d', vim.json.encode(body) }
  local rest = ''
  vim.system(command, {
    stdout = function(_, data)
      local texts, at = {}, 1
      rest = rest .. (data or '')
      for line, behind in rest:gmatch('([^\n]*)\n()') do
        at = behind
        local ok, chunk = pcall(vim.json.decode, line:match('^data: (.*)'))
        table.insert(texts, ok and chunk.choices[1].delta.content or nil)
      end
      rest = rest:sub(at)
      vim.schedule(function()
        local lines = vim.split(table.concat(texts), '\n')
        vim.api.nvim_buf_set_text(bufnr, -1, -1, -1, -1, lines)
        vim.api.nvim_win_set_cursor(win, { vim.api.nvim_buf_line_count(bufnr), 0 })
      end)
    end,
  })
end, {})
