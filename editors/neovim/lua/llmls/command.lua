--- The command :Llmls.
local M = {}

---@class llmls.Call what nvim_create_user_command() hands over
---@field fargs string[]
---@field args string
---@field range integer
---@field line1 integer
---@field line2 integer
---@field bang boolean
---@field mods string

---@class llmls.Subcommand
---@field desc string
---@field argument? string
---@field run fun(rest: string, options: llmls.Options, call: llmls.Call)
---@field complete? fun(lead: string): string[] all that may stand behind the subcommand

---@type table<string, llmls.Subcommand>
local subcommands = {
  explain = {
    desc = 'explains the range, the selection, the function or the line',
    run = function(rest, options)
      if rest ~= '' then
        return require('llmls.notify').say('explain takes no argument. To ask a question: :Llmls ask ' .. rest)
      end
      require('llmls').explain(options)
    end,
  },
  ask = {
    desc = 'asks a question about it; with ! in a buffer for several lines',
    argument = '{question}',
    run = function(rest, options, call)
      options.place = options.place or require('llmls.place').here()
      local function ask(question)
        require('llmls').ask(question, options)
      end
      if rest ~= '' then
        return ask(rest)
      end
      require('llmls.highlight')
      local name = 'Ask about ' .. require('llmls.place').name(options.place)
      if call.bang then
        require('llmls.prompt').lines(name, ask)
      else
        require('llmls.prompt').line(name .. ': ', ask)
      end
    end,
    complete = function(lead)
      return require('llmls.prompt').complete(lead)
    end,
  },
  diagnostic = {
    desc = 'explains a diagnostic of the line',
    run = function(_, options)
      require('llmls').diagnostic(options)
    end,
  },
  more = {
    desc = 'asks for more detail',
    run = function()
      require('llmls').more()
    end,
  },
  reply = {
    desc = 'replies to the answer',
    argument = '{text}',
    run = function(rest)
      if rest ~= '' then
        return require('llmls').reply(rest)
      end
      local conversation = require('llmls.conversation').current()
      if conversation then
        require('llmls').reveal(conversation)
        require('llmls.prompt').reply(conversation)
      else
        require('llmls.notify').say('nothing was asked yet. Try :Llmls explain.', vim.log.levels.WARN)
      end
    end,
  },
  retry = {
    desc = 'asks the same again',
    run = function()
      require('llmls').retry()
    end,
  },
  stop = {
    desc = 'stops every answer that is running',
    run = function()
      require('llmls').stop()
    end,
  },
  close = {
    desc = 'closes what is shown; the answer is kept',
    run = function()
      require('llmls').close()
    end,
  },
  answers = {
    desc = 'lists the answers, those of earlier sessions too',
    argument = '{words}',
    run = function(rest, options)
      require('llmls.highlight')
      require('llmls.history').pick(rest, options)
    end,
  },
  forget = {
    desc = 'removes the conversation in sight, or a set of them, for good',
    argument = '{set}',
    run = function(rest)
      require('llmls.history').forget(rest)
    end,
    complete = function(lead)
      return vim.tbl_filter(function(name)
        return vim.startswith(name, lead)
      end, require('llmls.history').SETS)
    end,
  },
  prompt = {
    desc = 'asks what a prompt of your own says',
    argument = '{name}',
    run = function(rest, options)
      require('llmls.highlight')
      require('llmls.prompts').run(rest, options)
    end,
    complete = function(lead)
      return require('llmls.prompts').complete(lead)
    end,
  },
  model = {
    desc = 'chooses the model',
    argument = '{name}',
    run = function(rest)
      local pick = require('llmls.pick')
      if rest ~= '' then
        return pick.set_model(rest)
      end
      pick.model()
    end,
    complete = function(lead)
      return vim.tbl_filter(function(name)
        return vim.startswith(name, lead)
      end, require('llmls.pick').models)
    end,
  },
  endpoint = {
    desc = 'chooses the endpoint',
    argument = '{name}',
    run = function(rest)
      local pick = require('llmls.pick')
      if rest ~= '' then
        return pick.set_endpoint(rest)
      end
      pick.endpoint()
    end,
    complete = function(lead)
      return vim.tbl_filter(function(name)
        return vim.startswith(name, lead)
      end, require('llmls.pick').endpoints)
    end,
  },
  inspect = {
    desc = 'shows the request that explain, or ask {question}, would send',
    argument = '{question}',
    run = function(rest, options)
      require('llmls').inspect(rest ~= '' and rest or nil, options)
    end,
  },
  check = {
    desc = 'streams an answer of one word, to see that it works',
    run = function(_, options)
      require('llmls.scratch').check(options.mods)
    end,
  },
  log = {
    desc = "opens the server's log",
    run = function(_, options)
      require('llmls.scratch').log(options.mods)
    end,
  },
  settings = {
    desc = 'shows every setting and where it came from',
    run = function(_, options)
      require('llmls.scratch').settings(options.mods)
    end,
  },
}

local SURFACES = { '++float', '++inline', '++split' }

--- The names of the subcommands, in alphabetical order.
---@return string[]
function M.names()
  local names = vim.tbl_keys(subcommands)
  table.sort(names)
  return names
end

---@param name string
---@return llmls.Subcommand
function M.get(name)
  return subcommands[name]
end

--- Takes ++float, ++inline or ++split out of what follows the subcommand.
---@param rest string
---@return string rest
---@return llmls.SurfaceName?
local function surface_in(rest)
  local name, behind = rest:match('^%+%+(%a+)%s*(.*)$')
  if name and vim.list_contains(SURFACES, '++' .. name) then
    return behind, name
  end
  return rest
end

---@param call llmls.Call
function M.run(call)
  local rest, surface = surface_in(vim.trim(call.args)) -- without a subcommand it stands first
  local name, argument = rest:match('^(%S*)%s*(.*)$')
  name = name == '' and 'explain' or name
  local subcommand = subcommands[name]
  if not subcommand then
    return require('llmls.notify').say(
      ('there is no :Llmls %s. There is: %s.'):format(name, table.concat(M.names(), ', '))
    )
  end
  local places = require('llmls.place')
  local behind
  argument, behind = surface_in(argument)
  subcommand.run(argument, {
    place = call.range > 0 and places.range(call.line1, call.line2) or places.visual(),
    surface = behind or surface,
    mods = call.mods ~= '' and call.mods or nil,
  }, call)
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local before = line:sub(1, #line - #lead)
  local name, rest = before:match('Llmls!?%s+(%S+)%s+(.*)$')
  local candidates
  if not name then
    candidates = vim.list_extend(vim.startswith(lead, '+') and vim.list_slice(SURFACES) or {}, M.names())
  elseif vim.startswith(lead, '+') then
    candidates = SURFACES
  else
    local subcommand = subcommands[name]
    candidates = subcommand and subcommand.complete and subcommand.complete(rest .. lead) or {}
    return vim.tbl_map(function(candidate) -- Neovim replaces the last word
      return candidate:sub(#rest + 1)
    end, candidates)
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
  end, candidates)
end

--- The subcommand that the next g@ runs.
---@type string
local operation = 'explain'

---@param name 'explain'|'ask'
---@return string keys for an expression map
function M.operator(name)
  operation = name
  vim.o.operatorfunc = "v:lua.require'llmls.command'.operate"
  return 'g@'
end

---@param kind 'char'|'line'|'block'
function M.operate(kind)
  local call = { args = '', fargs = {}, range = 0, line1 = 0, line2 = 0, bang = false, mods = '' }
  subcommands[operation].run('', { place = require('llmls.place').moved(kind) }, call)
end

return M
