--- :checkhealth llmls
local client = require('llmls.client')

local M = {}

local health = vim.health

local NEWEST_TESTED = '0.12'

--- What a program prints, or nil if it fails.
---@param cmd string[]
---@return string?
local function output(cmd)
  local ok, process = pcall(vim.system, cmd, { text = true })
  if not ok then
    return nil
  end
  local result = process:wait(5000)
  return result.code == 0 and vim.trim(result.stdout) or nil
end

local function check_neovim()
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.10') == 0 then
    health.error(('Neovim %s is too old'):format(version), 'Install Neovim 0.10 or newer.')
  else
    health.ok(('Neovim %s (tested with 0.10 to %s)'):format(version, NEWEST_TESTED))
  end
  local ok, found = pcall(vim.treesitter.language.add, 'markdown')
  if ok and found ~= nil then
    health.ok('the parser for Markdown is there')
  else
    health.warn(
      'there is no parser for Markdown: answers get the old syntax colours',
      'Install it: :TSInstall markdown markdown_inline'
    )
  end
end

---@return string? binary
local function check_binary()
  local cmd = client.command()
  if not cmd then
    health.info('the server is started by a function of your own')
    return nil
  end
  local path = vim.fn.exepath(cmd[1])
  if path == '' then
    health.error(cmd[1] .. ' is not executable', {
      'Install llmls and put it into PATH, or name it in setup{ cmd = {…} }.',
      'See :help llmls-install.',
    })
    return nil
  end
  local version = output({ path, 'version' })
  if version then
    health.ok(('%s at %s'):format(version:match('^[^\n]*'), path))
  else
    health.error(path .. ' does not run', ('Try it in a terminal: %s version'):format(path))
  end
  return path
end

---@param binary string
local function check_endpoint(binary)
  local settings = output({ binary, 'settings' })
  if not settings then
    return health.error('llmls settings fails', 'Run it in a terminal.')
  end
  for line in vim.gsplit(settings, '\n') do
    if line:match('^model ') or line:match('^baseUrl ') or line:match('^the key ') then
      health.info((line:gsub('%s+', ' ')))
    end
  end
  if settings:match('\nthe key +%S.-none') then
    health.warn(
      'there is no key',
      'A server on your machine needs none. Else set OPENAI_API_KEY, or apiKeyCommand in config.toml.'
    )
  end
  health.info('to stream an answer of one word, and see that it works: `:Llmls check`')
end

local function check_client()
  local running = vim.lsp.get_clients({ name = 'llmls' })
  if #running == 0 then
    health.info('no server is running; the first :Llmls starts one')
  end
  for _, one in ipairs(running) do
    health.ok(('a server is running, with positions in %s'):format(one.offset_encoding))
  end
  health.info('the log: ' .. require('llmls.scratch').log_path())
end

local function check_keymaps()
  if not require('llmls.config').get().keymaps then
    return health.info('no keys are mapped; see :help llmls-keys')
  end
  local conflicts = require('llmls.keymaps').conflicts()
  for _, map in ipairs(conflicts) do
    health.warn(
      ('%s in mode %s is mapped to %s already, and was left alone'):format(map.lhs, map.mode, map.rhs),
      'Set another prefix, or map the <Plug> yourself.'
    )
  end
  if #conflicts == 0 then
    health.ok('all keys are mapped')
  end
end

function M.check()
  health.start('Neovim')
  check_neovim()
  health.start('The server')
  local binary = check_binary()
  if binary then
    check_endpoint(binary)
  end
  check_client()
  health.start('Keys')
  check_keymaps()
end

return M
