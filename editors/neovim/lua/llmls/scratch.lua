--- Buffers with reports: the request, the settings, a check, the log.
local client = require('llmls.client')
local notify = require('llmls.notify')

local M = {}

--- Opens a window, in a tab page of its own where the screen has no room for another.
---@param mods? string
---@param command string
local function split(mods, command)
  if not pcall(vim.cmd, (mods or 'botright') .. ' ' .. command) then
    vim.cmd('tab ' .. command)
  end
end

---@param name string
---@param lines string[]
---@param filetype string
---@param mods? string
---@return integer bufnr
local function open(name, lines, filetype, mods)
  split(mods, 'new')
  local bufnr = vim.api.nvim_get_current_buf()
  local bo = vim.bo[bufnr]
  bo.buftype, bo.bufhidden, bo.swapfile = 'nofile', 'wipe', false
  pcall(vim.api.nvim_buf_set_name, bufnr, ('llmls://%s/%d'):format(name, bufnr))
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  bo.filetype = filetype
  bo.modified = false
  vim.wo[0][0].linebreak = true
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = bufnr, nowait = true, desc = 'llmls: close' })
  return bufnr
end

--- The path of the program, for its other commands; nil, with a message, if it is
--- not found.
---@return string?
local function program()
  local cmd = client.command()
  if cmd and vim.fn.executable(cmd[1]) == 1 then
    return cmd[1]
  end
  notify.say('llmls is not executable. See :checkhealth llmls.')
end

--- The settings that this Neovim sends, which llmls in a terminal does not have.
---@return string[]
local function own_settings()
  local mine = vim.tbl_get(client.config(), 'settings', 'llmls')
  if not mine or vim.tbl_isempty(mine) then
    return {}
  end
  return vim.list_extend({ '', 'This Neovim sends, and that wins:' }, vim.split(vim.inspect(mine), '\n'))
end

--- Shows what would be sent: first to read, then byte for byte.
---@param dry { url: string, body: string, keySource: string, related: { path: string, first: integer, last: integer, why: string }[], leftOut: { what: string, why: string }[] }
---@param mods? string
function M.request(dry, mods)
  local lines = { 'Key: ' .. dry.keySource }
  if dry.url ~= '' then -- else nothing would be sent, which the line above says
    table.insert(lines, 1, 'POST ' .. dry.url)
  end
  for _, piece in ipairs(dry.related) do
    table.insert(lines, ('With it: %s:%d-%d (%s)'):format(piece.path, piece.first, piece.last, piece.why))
  end
  for _, left in ipairs(dry.leftOut) do
    table.insert(lines, ('Left out: %s (%s)'):format(left.what, left.why))
  end
  local ok, body = pcall(vim.json.decode, dry.body)
  for _, message in ipairs(ok and body.messages or {}) do
    vim.list_extend(lines, { '', '# ' .. message.role, '' })
    vim.list_extend(lines, vim.split(message.content, '\n'))
  end
  vim.list_extend(lines, { '', '# The body, byte for byte', '', '```json', dry.body, '```' })
  open('request', lines, 'markdown', mods)
end

--- Shows what `llmls settings` prints.
---@param mods? string
function M.settings(mods)
  local path = program()
  if not path then
    return
  end
  vim.system({ path, 'settings' }, { text = true }, function(out)
    vim.schedule(function()
      local lines = vim.split(vim.trim(out.stdout .. out.stderr), '\n')
      open('settings', vim.list_extend(lines, own_settings()), '', mods)
    end)
  end)
end

--- Runs `llmls check`, which streams an answer of one word, and shows what it
--- prints as it comes. Closing the window ends it.
---@param mods? string
function M.check(mods)
  local path = program()
  if not path then
    return
  end
  local bufnr = open('check', { '$ llmls check', '' }, '', mods)
  local function append(text)
    if vim.api.nvim_buf_is_loaded(bufnr) then
      vim.api.nvim_buf_set_text(bufnr, -1, -1, -1, -1, vim.split(text, '\n'))
    end
  end
  local function show(_, text)
    if text then
      vim.schedule(function()
        append(text)
      end)
    end
  end
  local check = vim.system({ path, 'check' }, { text = true, stdout = show, stderr = show }, function(out)
    vim.schedule(function()
      append(out.code == 0 and '\nIt works: an answer streamed.' or '\nNo answer streamed.')
      append(table.concat(vim.list_extend({ '' }, own_settings()), '\n'))
    end)
  end)
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = bufnr,
    callback = function()
      check:kill('sigterm')
    end,
  })
end

--- Where the server logs: what it says itself or, if none runs, the usual place.
---@return string
function M.log_path()
  local ready = client.get()
  local status = ready and client.call(ready, 'llmls.status')
  if status and status.logFile ~= '' then
    return status.logFile
  elseif vim.fn.has('win32') == 1 then
    return vim.fs.joinpath(vim.env.LOCALAPPDATA or '', 'llmls', 'llmls.log')
  end
  local state = vim.env.XDG_STATE_HOME
  state = state and state ~= '' and state or vim.fs.joinpath(vim.env.HOME or '', '.local', 'state')
  return vim.fs.joinpath(state, 'llmls', 'llmls.log')
end

--- Opens the log at its end.
---@param mods? string
function M.log(mods)
  local path = M.log_path()
  if not vim.uv.fs_stat(path) then
    return notify.say(('ask something first: there is no log at %s yet'):format(path), vim.log.levels.WARN)
  end
  local modeline = vim.go.modeline
  vim.go.modeline = false -- for the new buffer: a log holds names that a repository chose
  local ok, problem = pcall(split, mods, 'sview ' .. vim.fn.fnameescape(path))
  vim.go.modeline = modeline
  if not ok then
    return notify.say(problem)
  end
  vim.bo.modeline = false -- also when it is read again
  vim.bo.autoread = true
  vim.cmd.normal({ 'G', bang = true })
end

return M
