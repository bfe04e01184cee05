--- The command :Llmls.
local M = {}

---@class llmls.Call what nvim_create_user_command() hands over
---@field fargs string[]
---@field args string
---@field range integer
---@field line1 integer
---@field line2 integer
---@field bang boolean
---@field smods { split: string, tab: integer, vertical: boolean, horizontal: boolean }

---@class llmls.Subcommand
---@field desc string
---@field argument? string
---@field run fun(rest: string, options: llmls.Options, call: llmls.Call)
---@field complete? fun(lead: string): string[] all that may stand behind the subcommand

---@type table<string, llmls.Subcommand>
local subcommands = {
  explain = {
    desc = 'explains the range, the selection, the function or the line',
    run = function(_, options)
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
    run = function(_, options)
      require('llmls').more(nil, options)
    end,
  },
  reply = {
    desc = 'replies to the answer',
    argument = '{text}',
    run = function(rest, options)
      if rest ~= '' then
        return require('llmls').reply(rest, options)
      end
      local conversation = require('llmls.conversation').current()
      if conversation then
        require('llmls').reveal(conversation, options)
        require('llmls.prompt').reply(conversation)
      else
        require('llmls.notify').say('nothing was asked yet. Try :Llmls explain.', vim.log.levels.WARN)
      end
    end,
  },
  retry = {
    desc = 'asks the same again',
    run = function(_, options)
      require('llmls').retry(options)
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

--- Takes ++float, ++inline or ++split, the last of several, out of what follows the
--- subcommand.
---@param rest string
---@return string rest
---@return llmls.SurfaceName?
local function surface_in(rest)
  local surface
  while true do
    local name, behind = rest:match('^%+%+(%a+)%s*(.*)$')
    if not name or not vim.list_contains(SURFACES, '++' .. name) then
      return rest, surface
    end
    rest, surface = behind, name
  end
end

--- The modifiers that say where a window opens, such as "vertical"; nil without one.
---@param call llmls.Call
---@return string?
local function position(call)
  local smods, words = call.smods, {}
  for _, word in ipairs({
    smods.tab >= 0 and smods.tab .. 'tab' or '',
    smods.vertical and 'vertical' or '',
    smods.horizontal and 'horizontal' or '',
    smods.split,
  }) do
    if word ~= '' then
      table.insert(words, word)
    end
  end
  return words[1] and table.concat(words, ' ')
end

---@type integer the number in the history of the command line that was read last
local read = -1

--- Reports whether the person has just typed a range other than the selection's, which
--- may be in the same lines. Of a range in a mapping nothing is known.
---@param call llmls.Call
---@return boolean
local function has_typed_lines(call)
  local number, line = vim.fn.histnr(':'), vim.fn.histget(':', -1)
  if number == read then
    return false
  end
  read = number
  local range = line:match('^(.-)Ll%a*!?')
  return range ~= nil
    and vim.endswith(vim.trim(line), vim.trim(call.args))
    and not range:find("['`][<>]")
    and not range:find('*', 1, true)
end

---@param call llmls.Call
function M.run(call)
  local rest, surface = surface_in(vim.trim(call.args)) -- without a subcommand it stands first
  local name, argument = rest:match('^([^%s|]*)%s*(.*)$')
  name = name == '' and 'explain' or name
  local subcommand = subcommands[name]
  local say = require('llmls.notify').say
  local behind, following
  argument, behind = surface_in(argument)
  if subcommand and not subcommand.argument then
    local alone, bar = argument:match('^([^|]-)%s*|(.*)$')
    argument, following = alone or argument, bar
  end
  local mistaken = vim.startswith(name, '++') and name
    or not (subcommand and subcommand.argument) and argument:match('^%+%+%S+')
  if mistaken then
    return say(('there is no %s. There is: %s.'):format(mistaken, table.concat(SURFACES, ', ')))
  elseif not subcommand then
    return say(('there is no :Llmls %s. There is: %s.'):format(name, table.concat(M.names(), ', ')))
  end
  if argument ~= '' and not subcommand.argument then
    local ask = name == 'explain' and (' To ask a question: :Llmls ask %s'):format(argument) or ''
    return say(('%s takes no argument.%s'):format(name, ask))
  end
  local places = require('llmls.place')
  local place = places.visual()
  if call.range > 0 then
    place = has_typed_lines(call) and places.whole(call.line1, call.line2) or places.range(call.line1, call.line2)
  end
  subcommand.run(argument, { place = place, surface = behind or surface, mods = position(call) }, call)
  if following then
    vim.cmd(following)
  end
end

---@param lead string
---@param line string
---@param cursor integer
---@return string[]
function M.complete(lead, line, cursor)
  local before = line:sub(1, cursor - #lead)
  local words = before:match('%f[%a]Ll%a*!?%s+(.*)$') or ''
  local name, rest = surface_in(words):match('^(%S+)%s+(.*)$')
  if vim.startswith(lead, '+') then
    return vim.tbl_filter(function(candidate)
      return vim.startswith(candidate, lead)
    end, vim.list_slice(SURFACES))
  elseif not name then
    return vim.tbl_filter(function(candidate)
      return vim.startswith(candidate, lead)
    end, M.names())
  end
  local subcommand = subcommands[name]
  rest = surface_in(rest)
  local candidates = subcommand and subcommand.complete and subcommand.complete(rest .. lead) or {}
  candidates = vim.tbl_map(function(candidate) -- Neovim replaces the last word
    return candidate:sub(#rest + 1)
  end, candidates)
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
  subcommands[operation].run('', { place = require('llmls.place').moved(kind) }, { bang = false })
end

return M
