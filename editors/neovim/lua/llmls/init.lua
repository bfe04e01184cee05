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
  local config = require('llmls.config').get()
  local name = options.surface or (options.mods and 'split') or config.surface
  local surface
  if name == 'inline' then
    surface = require('llmls.inline').new(conversation)
  elseif name == 'float' then
    surface = require('llmls.float').new(conversation)
  end
  -- A split is also what a float becomes that would have to cover the code.
  conversation:show(surface or require('llmls.split').new(conversation, options.mods))
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

--- Text that is told apart from what stands around it by a fence that does not
--- occur in it.
---@param text string
---@return string
local function fenced(text)
  local fence = '```'
  while text:find(fence, 1, true) do
    fence = fence .. '`'
  end
  return ('%s\n%s\n%s'):format(fence, text, fence)
end

--- A block of columns goes with the question: LSP has no range for it.
---@param place llmls.Place
---@param question? string
---@return string?
local function with_block(place, question)
  if not place.block then
    return question
  end
  return ('%s\nOnly this block of columns is meant:\n%s'):format(question or 'Explain.', fenced(place.block))
end

--- Explains the code. Where exactly this stands in the float already, the cursor
--- goes there instead.
---@param options? llmls.Options
function M.explain(options)
  options = options or {}
  local place = options.place or require('llmls.place').here()
  local open = require('llmls.float').current()
  if open and open:subject():explains(place) and not options.mods and not options.diagnostic then
    return open:enter()
  end
  local query = { command = 'llmls.explain', place = place, diagnostic = options.diagnostic }
  if place.block then
    query = { command = 'llmls.ask', question = with_block(place), shown = 'Explain the block', place = place }
  end
  begin(options.diagnostic and 'Explain problem in' or 'Explain', query, options)
end

--- Asks a question about the code.
---@param question string
---@param options? llmls.Options
function M.ask(question, options)
  options = options or {}
  local place = options.place or require('llmls.place').here()
  local query = { command = 'llmls.ask', question = with_block(place, question), shown = question, place = place }
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
  if conversation:is_in_sight() and not options.mods then
    return
  end
  if not options.surface and require('llmls.config').get().surface == 'inline' then
    options = vim.tbl_extend('force', options, { surface = 'float' }) -- all of it, wherever the code is
  end
  show(conversation, options)
  local surface = conversation.surface --[[@as llmls.Float]]
  if surface.reveal then
    surface:reveal()
  end
end

--- Asks for more detail.
---@param conversation? llmls.Conversation by default the one in sight
function M.more(conversation)
  conversation = conversation or current()
  if conversation then
    M.reveal(conversation)
    conversation:reply('Explain that in more detail.', 'more detail')
  end
end

--- Replies to the answer in sight.
---@param question string
function M.reply(question)
  local conversation = current()
  if conversation then
    M.reveal(conversation)
    conversation:reply(question)
  end
end

--- Asks the same again.
function M.retry()
  local conversation = current()
  if conversation then
    M.reveal(conversation)
    conversation:retry()
  end
end

--- Stops every answer that is running. What has arrived stays.
function M.stop()
  for _, answer in ipairs(vim.list_slice(require('llmls.answer').running())) do
    answer:stop()
  end
end

--- Closes what is shown. The answer goes on, and :Llmls answers finds it.
function M.close()
  for _, conversation in ipairs(require('llmls.conversation').all()) do
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
  local split = require('llmls.split').new(conversation, mods)
  conversation:show(split)
  split:enter()
end

--- Shows the request that explain or ask would send.
---@param question? string
---@param options? llmls.Options
function M.inspect(question, options)
  options = options or {}
  local client, notify = require('llmls.client'), require('llmls.notify')
  local places = require('llmls.place')
  local place = options.place or places.here()
  local asked = with_block(place, question)
  client.with(place.bufnr, function(ready)
    client.execute(ready, asked and 'llmls.ask' or 'llmls.explain', {
      uri = vim.uri_from_bufnr(place.bufnr),
      range = places.to_range(place, ready.offset_encoding),
      question = asked,
      dryRun = true,
    }, function(err, dry)
      if err then
        return notify.say(err.message)
      end
      require('llmls.scratch').request(dry, options.mods)
    end)
  end, notify.say)
end

return M
