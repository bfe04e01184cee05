--- The server, as Neovim's own LSP client runs it.
local config = require('llmls.config')

local M = {}

local NAME = 'llmls'
local PROGRESS = '$/progress'

--- The prefix of all our progress tokens, another one each time that this file is
--- loaded. Values of a token with this prefix and without a listener are dropped.
local PREFIX = ('llmls.nvim/%d/'):format(vim.uv.hrtime())

--- A server that ended this often within a minute is not started again.
local CRASHES = 3
local MINUTE = 60e9 -- ns

--- How long Neovim waits in M.call().
local CALL = 1000 -- ms

local MISSING =
  'Install llmls and put it into PATH, or name it in setup{ cmd = {…} }: %s is not executable; see :help llmls-install'

local has_11 = vim.fn.has('nvim-0.11') == 1

--- The configuration: on 0.11 and newer Neovim's own, so that vim.lsp.config()
--- and vim.lsp.enable() mean the same; on 0.10 lsp/llmls.lua and setup().
---@return table
function M.config()
  if has_11 then
    return vim.deepcopy(vim.lsp.config[NAME] or {})
  end
  local files = vim.api.nvim_get_runtime_file('lsp/llmls.lua', false)
  local options = config.get()
  return vim.tbl_deep_extend('force', files[1] and dofile(files[1]) or { cmd = { 'llmls' } }, {
    cmd = options.cmd,
    settings = options.settings and { llmls = options.settings } or nil,
  })
end

--- Hands setup{ cmd, settings } on to Neovim's own configuration.
function M.configure()
  local options = config.get()
  if has_11 and (options.cmd or options.settings) then
    vim.lsp.config(NAME, {
      cmd = options.cmd,
      settings = options.settings and { llmls = options.settings } or nil,
    })
  end
end

--- The client of a buffer, or any there is.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.get(bufnr)
  return vim.lsp.get_clients({ name = NAME, bufnr = bufnr })[1]
end

--- The command that starts the server; nil if it is a function.
---@return string[]?
function M.command()
  local cmd = M.config().cmd
  return type(cmd) == 'table' and cmd or nil
end

-- Progress ---------------------------------------------------------------

---@type table<string, fun(value: table): boolean?>
local listeners = {}
local minted = 0

--- Returns a new token. Values for it go to `listen`, and to Neovim's own handler,
--- which emits LspProgress, only if `listen` returns true.
---@param listen fun(value: table): boolean?
---@return string token
function M.token(listen)
  minted = minted + 1
  local token = PREFIX .. minted
  listeners[token] = listen
  return token
end

---@param token string
function M.forget(token)
  listeners[token] = nil
end

--- Puts our handler for $/progress in front of the client's own one or, if it has
--- none, the global one. Other clients are not changed.
---@param client vim.lsp.Client
function M.adopt(client)
  if client.llmls == PREFIX then
    return
  end
  client.llmls = PREFIX
  require('llmls.sync').adopt(client)
  -- Neovim's own message about the end of a server names its log of all servers
  -- and is longer than the row. Ours replaces it where Neovim allows that.
  local ended = client._on_exit
  if has_11 and ended then
    client._on_exit = function(self)
      return ended(self, 0, 0)
    end
  end
  local before = client.handlers[PROGRESS]
  client.handlers[PROGRESS] = function(err, params, ctx)
    local listen = listeners[params.token]
    if listen then
      if not listen(params.value) then
        return
      end
    elseif type(params.token) == 'string' and vim.startswith(params.token, PREFIX) then
      return
    end
    return (before or vim.lsp.handlers[PROGRESS])(err, params, ctx)
  end
end

-- Starting ---------------------------------------------------------------

---@type integer[] when servers ended without being stopped
local crashes = {}

--- Records that a server ended by itself.
function M.crashed()
  table.insert(crashes, vim.uv.hrtime())
end

---@return boolean
local function too_often()
  local since = vim.uv.hrtime() - MINUTE
  crashes = vim.tbl_filter(function(at)
    return at > since
  end, crashes)
  return #crashes >= CRASHES
end

--- Wraps the command for 0.10, where that message can be suppressed only there.
---@param cmd string[]
---@return fun(dispatchers: table): table
local function quietly(cmd)
  return function(dispatchers)
    local ended = dispatchers.on_exit
    dispatchers.on_exit = function()
      ended(0, 0)
    end
    return vim.lsp.rpc.start(cmd, dispatchers)
  end
end

---@param bufnr integer
---@return integer? id
---@return string? problem
local function start(bufnr)
  local options = M.config()
  if type(options.cmd) == 'table' and vim.fn.executable(options.cmd[1]) == 0 then
    return nil, MISSING:format(options.cmd[1])
  end
  if too_often() then
    return nil, ('See :Llmls log, then try again: llmls ended %d times within a minute'):format(CRASHES)
  end
  options.name = NAME
  if not has_11 and type(options.cmd) == 'table' then
    options.cmd = quietly(options.cmd)
  end
  if type(options.root_dir) ~= 'string' then
    options.root_dir = options.root_markers and vim.fs.root(bufnr, options.root_markers) or nil
  end
  local id = vim.lsp.start(options, {
    bufnr = bufnr,
    silent = true,
    reuse_client = function(client, wanted) -- 0.10 starts one for each file that has no root
      return client.name == NAME and client.root_dir == wanted.root_dir and not M.is_stopped(client)
    end,
  })
  if not id then
    return nil, 'llmls did not start. See :checkhealth llmls.'
  end
  return id
end

--- Calls `ready` with the running client of the buffer, at once if there is
--- one, or `failed` with a sentence. The current buffer takes the place of one that is
--- gone.
---@param bufnr integer
---@param ready fun(client: vim.lsp.Client)
---@param failed fun(sentence: string)
---@return integer? id of the client, as soon as there is one
function M.with(bufnr, ready, failed)
  bufnr = vim.api.nvim_buf_is_loaded(bufnr) and bufnr or vim.api.nvim_get_current_buf()
  local client = M.get(bufnr)
  if client and client.initialized then
    M.adopt(client)
    ready(client)
    return client.id
  end
  local id, problem = start(bufnr)
  if not id then
    failed(problem --[[@as string]])
    return nil
  end
  client = vim.lsp.get_client_by_id(id)
  if client then
    M.adopt(client)
  end
  if client and client.initialized and vim.lsp.buf_is_attached(bufnr, id) then
    ready(client)
    return id
  end
  vim.api.nvim_create_autocmd('LspAttach', {
    callback = function(event)
      if event.data.client_id == id and event.buf == bufnr then
        ready(assert(vim.lsp.get_client_by_id(id)))
        return true
      end
    end,
  })
  return id
end

---@param client vim.lsp.Client
---@return boolean
function M.is_stopped(client)
  return client.is_stopped(client)
end

---@param id? integer
---@return boolean
function M.is_gone(id)
  return id ~= nil and vim.lsp.get_client_by_id(id) == nil
end

-- Requests ---------------------------------------------------------------

---@param client vim.lsp.Client
---@param command string
---@param argument? table
---@param done fun(err?: lsp.ResponseError, result: any)
---@param about? { bufnr?: integer, work_token?: string } the buffer whose changes have to arrive first
function M.execute(client, command, argument, done, about)
  about = about or {}
  local params = { command = command, arguments = { argument or vim.empty_dict() }, workDoneToken = about.work_token }
  local bufnr = about.bufnr and vim.api.nvim_buf_is_loaded(about.bufnr) and about.bufnr or nil
  if has_11 then
    client:request('workspace/executeCommand', params, done, bufnr)
  else
    client.request('workspace/executeCommand', params, done, bufnr)
  end
end

---@param client vim.lsp.Client
---@param method string
---@param params table
function M.notify(client, method, params)
  if has_11 then
    client:notify(method, params)
  else
    client.notify(method, params)
  end
end

--- Calls a command that answers at once, and waits for its result.
---@param client vim.lsp.Client
---@param command string
---@return any result nil if it failed
function M.call(client, command)
  local params = { command = command, arguments = {} }
  local response
  if has_11 then
    response = client:request_sync('workspace/executeCommand', params, CALL)
  else
    response = client.request_sync('workspace/executeCommand', params, CALL)
  end
  return response and response.result
end

--- Changes settings for this session: sends them to the running servers, and keeps
--- them for later workspace/configuration requests.
---@param settings table<string, any>
function M.set(settings)
  local known = vim.tbl_deep_extend('force', M.config().settings or {}, { llmls = settings })
  if has_11 then
    vim.lsp.config(NAME, { settings = known })
  else
    local options = config.get()
    options.settings = known.llmls
  end
  for _, client in ipairs(vim.lsp.get_clients({ name = NAME })) do
    client.settings = vim.tbl_deep_extend('force', client.settings or {}, known)
    M.notify(client, 'workspace/didChangeConfiguration', { settings = client.settings })
  end
end

return M
