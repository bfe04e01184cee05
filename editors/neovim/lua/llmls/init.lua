--- llmls: explain code and ask about it. Everything that :Llmls does can be
--- called here.
local M = {}

---@class llmls.Options
---@field place? llmls.Place by default the enclosing function, else the line
---@field diagnostic? lsp.Diagnostic the problem to explain
---@field surface? llmls.SurfaceName by default what setup() said
---@field mods? string modifiers of a split, such as 'vertical'

--- Optional. See |llmls-setup|.
---@param options? llmls.Config
function M.setup(options)
  local config = require('llmls.config')
  local problem = config.set(options)
  if problem then
    return require('llmls.notify').say(problem)
  end
  require('llmls.client').configure()
  if config.get().keymaps then
    require('llmls.keymaps').set()
  end
end

--- For statuslines: what runs, such as "llmls 3 s"; "" when nothing does.
---@return string
function M.status()
  return require('llmls.status').text()
end

--- Shows a conversation where the person wants it.
---@param conversation llmls.Conversation
---@param options llmls.Options
local function show(conversation, options)
  local name = options.surface or (options.mods and 'split') or require('llmls.config').get().surface
  local surface
  conversation.wanted = name
  if name == 'inline' and require('llmls.inline').is_in_sight(conversation.anchor:now()) then
    surface = require('llmls.inline').new(conversation)
  elseif name ~= 'split' then
    surface = require('llmls.float').new(conversation)
  end
  -- Lines that would not be in sight become a float. A float that would have to cover the code becomes a split, and a split that has
  -- no room becomes lines below the code.
  surface = surface or require('llmls.split').new(conversation, options.mods)
  conversation:show(surface or require('llmls.inline').new(conversation))
end

--- Begins a conversation. The request goes out before anything is drawn.
---@param verb string
---@param query llmls.Query
---@param options llmls.Options
local function begin(verb, query, options)
  require('llmls.highlight')
  local conversation = require('llmls.conversation').new(query.place, verb)
  conversation:ask(query, function()
    show(conversation, options)
  end)
end

--- Goes to the answer in sight that explains exactly this, if it is shown where it
--- is to be.
---@param place llmls.Place
---@param options llmls.Options
---@return boolean found
local function go_to(place, options)
  for _, conversation in ipairs(require('llmls.conversation').all()) do
    local surface = conversation.surface
    local wanted = options.surface
    local asked_for = not wanted or surface and (surface.name == wanted or conversation.wanted == wanted)
    if asked_for and conversation:is_in_sight() and conversation:explains(place) then
      if surface.enter then
        surface:enter()
        return true
      elseif conversation:last().state ~= 'failed' then
        return true -- it stands below the code
      end
      conversation:show(nil)
    end
  end
  return false
end

--- Explains the code. If an answer in sight explains exactly this place already, the
--- cursor goes there instead.
---@param options? llmls.Options
function M.explain(options)
  options = options or {}
  local place = options.place or require('llmls.place').here()
  if not options.mods and not options.diagnostic and go_to(place, options) then
    return
  end
  local query = { command = 'llmls.explain', place = place, diagnostic = options.diagnostic }
  begin(options.diagnostic and 'Explain problem in' or 'Explain', query, options)
end

--- Asks a question about the code.
---@param question string
---@param options? llmls.Options
function M.ask(question, options)
  options = options or {}
  local place = options.place or require('llmls.place').here()
  local query = { command = 'llmls.ask', question = question, place = place }
  begin('Ask about', query, options)
end

--- Asks what a prompt of the person's own says about the code.
---@param prompt llmls.Prompt
---@param input? string what the person answered to the prompt's own question
---@param options? llmls.Options
function M.prompt(prompt, input, options)
  options = options or {}
  local place = options.place or require('llmls.place').here()
  local shown = input and input ~= '' and ('%s: %s'):format(prompt.title, input) or prompt.title
  local query = { command = 'llmls.prompt', name = prompt.name, input = input, shown = shown, place = place }
  begin('Ask about', query, options)
end

--- Explains a diagnostic of the current line; asks which, if there are several.
---@param options? llmls.Options
function M.diagnostic(options)
  require('llmls.diagnostic').pick(function(place, diagnostic)
    M.explain(vim.tbl_extend('force', options or {}, { place = place, diagnostic = diagnostic }))
  end)
end

---@return llmls.Conversation?
local function current()
  local conversation = require('llmls.conversation').current()
  if not conversation then
    require('llmls.notify').say('nothing was asked yet. Try :Llmls explain.', vim.log.levels.WARN)
  end
  return conversation
end

--- Shows a conversation that is not on the screen.
---@param conversation llmls.Conversation
---@param options? llmls.Options
function M.reveal(conversation, options)
  options = options or {}
  local elsewhere = options.surface and conversation.surface and conversation.surface.name ~= options.surface
  if conversation:is_in_sight() and not options.mods and not elsewhere then
    return
  end
  if not options.surface and require('llmls.config').get().surface == 'inline' then
    options = vim.tbl_extend('force', options, { surface = 'float' }) -- all of it, wherever the code is
  end
  show(conversation, options)
  local surface = conversation.surface --[[@as llmls.Float]]
  if surface.reveal then
    surface:reveal()
  elseif surface.name == 'inline' and options.surface ~= 'inline' then
    M.pin(conversation, 'tab') -- the screen has no room for another window
  end
end

--- Asks for more detail.
---@param conversation? llmls.Conversation by default the one in sight
---@param options? llmls.Options where it is shown
function M.more(conversation, options)
  conversation = conversation or current()
  if conversation then
    M.reveal(conversation, options)
    conversation:reply(nil, 'more detail')
  end
end

--- Replies to the answer in sight.
---@param question string
---@param options? llmls.Options where it is shown
function M.reply(question, options)
  local conversation = current()
  if conversation then
    M.reveal(conversation, options)
    conversation:reply(question)
  end
end

--- Asks the same again.
---@param options? llmls.Options where it is shown
function M.retry(options)
  local conversation = current()
  if conversation then
    M.reveal(conversation, options)
    conversation:retry()
  end
end

--- Stops every answer that is running. What has arrived stays.
function M.stop()
  for _, answer in ipairs(vim.list_slice(require('llmls.answer').running())) do
    answer:stop()
  end
  for _, conversation in ipairs(require('llmls.conversation').before()) do
    conversation:stop()
  end
end

--- Closes what is shown. The answer goes on, and :Llmls answers finds it.
function M.close()
  local conversations = require('llmls.conversation')
  for _, conversation in ipairs(vim.list_extend(conversations.all(), conversations.before())) do
    if conversation:is_shown() then
      return conversation:show(nil)
    end
  end
end

--- Moves a conversation into a split, and the cursor with it.
---@param conversation llmls.Conversation
---@param mods? string
function M.pin(conversation, mods)
  conversation:show(nil)
  local split = require('llmls.split')
  local surface = split.new(conversation, mods) or assert(split.new(conversation, 'tab'))
  conversation:show(surface)
  surface:enter()
end

--- Shows the request that explain or ask would send.
---@param question? string
---@param options? llmls.Options
function M.inspect(question, options)
  options = options or {}
  local client, notify = require('llmls.client'), require('llmls.notify')
  local places = require('llmls.place')
  local place = options.place or places.here()
  client.with(place.bufnr, function(ready)
    require('llmls.known').find(place, ready, function(context)
      local document = require('llmls.sync').document(ready, place.bufnr)
      client.execute(ready, question and 'llmls.ask' or 'llmls.explain', {
        uri = document.uri,
        range = places.to_range(place, ready.offset_encoding),
        block = place.block,
        question = question,
        dryRun = true,
        context = context,
      }, function(err, dry)
        if err then
          return notify.say(err.message)
        end
        require('llmls.scratch').request(dry, options.mods)
      end, { bufnr = place.bufnr })
      document.close()
    end)
  end, notify.say)
end

return M
