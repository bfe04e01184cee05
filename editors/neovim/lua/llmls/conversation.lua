--- A piece of code, and what was asked and answered about it.
local anchors = require('llmls.anchor')
local answers = require('llmls.answer')
local notify = require('llmls.notify')
local places = require('llmls.place')

local M = {}

--- The most conversations that are kept for :Llmls answers.
local KEPT = 200

local SPINNER = { '⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏' }

---@class llmls.Surface
---@field name llmls.SurfaceName
---@field win? integer
---@field begin fun(self, answer: llmls.Answer) a turn begins
---@field append fun(self, answer: llmls.Answer, text: string)
---@field finish fun(self, answer: llmls.Answer)
---@field close fun(self)
---@field is_open fun(self): boolean

---@class llmls.Query
---@field command 'llmls.explain'|'llmls.ask'
---@field question? string what is sent
---@field shown? string what the person typed, if that is something else
---@field place? llmls.Place nil for a turn about the conversation alone
---@field diagnostic? table a diagnostic of LSP, but for its range, which is the place

---@class llmls.Conversation
---@field title string
---@field heading string the title in Markdown
---@field answers llmls.Answer[] its turns, oldest first
---@field anchor llmls.Anchor
---@field page? llmls.Page once it was shown in a float or a split
---@field surface? llmls.Surface
---@field wanted? llmls.SurfaceName where it was to be shown last
---@field id? string the server's
---@field private ending? llmls.Answer the answer whose end its surface is just handling
---@field private queries table<llmls.Answer, llmls.Query>
local Conversation = {}
Conversation.__index = Conversation

---@type llmls.Conversation[] newest last
local all = {}

--- Survives when the plugin is loaded again.
local REGISTRY = 'llmls_conversations'

---@type llmls.Conversation[] those of the plugin before it was loaded again, newest first
local older = rawget(_G, REGISTRY) or {}

--- The conversations of before the plugin was loaded again: they can be stopped and
--- closed.
---@return llmls.Conversation[]
function M.before()
  return older
end

--- The conversations of this session, newest first.
---@return llmls.Conversation[]
function M.all()
  local list = {}
  for i = #all, 1, -1 do
    table.insert(list, all[i])
  end
  return list
end

---@param conversation llmls.Conversation
local function keep(conversation)
  table.insert(all, conversation)
  if #all > KEPT then
    table.remove(all, 1)
  end
  rawset(_G, REGISTRY, vim.list_slice(vim.list_extend(M.all(), older), 1, KEPT))
end

---@param place llmls.Place
---@param verb string what is done with the place, for the title
---@return llmls.Conversation
function M.new(place, verb)
  local name = places.name(place)
  local conversation = setmetatable({
    title = verb .. ' ' .. name,
    heading = verb .. ' ' .. require('llmls.markdown').verbatim(name),
    answers = {},
    anchor = anchors.new(place),
    queries = {},
  }, Conversation)
  keep(conversation)
  return conversation
end

--- One of an earlier session, to go on with. If it is in this session already, that
--- one is returned.
---@param turns llmls.Turn[] oldest first
---@return llmls.Conversation
function M.earlier(turns)
  local first = turns[1]
  for _, conversation in ipairs(all) do
    if conversation.id == first.conversation then
      return conversation
    end
  end
  local bufnr = vim.api.nvim_get_current_buf()
  local title = first.question and 'Ask' or 'Explain'
  if first.uri and first.range then
    local name = places.uri_name(first.uri)
    local from, to = first.range.start.line + 1, first.range['end'].line + (first.range['end'].character > 0 and 1 or 0)
    local lines = to > from and ('%d-%d'):format(from, to) or from
    title = ('%s %s:%s'):format(first.question and 'Ask about' or title, name, lines)
  end
  local conversation = setmetatable({
    id = first.conversation,
    title = title,
    heading = require('llmls.markdown').verbatim(title),
    answers = {},
    anchor = anchors.nowhere(bufnr),
    queries = {},
  }, Conversation)
  for _, turn in ipairs(turns) do
    local answer = answers.earlier(turn, bufnr, conversation)
    conversation.queries[answer] = { command = answer.command, question = turn.question }
    table.insert(conversation.answers, answer)
  end
  keep(conversation)
  return conversation
end

--- Lets go of conversations that are gone for good.
---@param ids string[]
function M.forget(ids)
  for _, conversation in ipairs(M.all()) do
    if vim.list_contains(ids, conversation.id) then
      conversation:stop()
      conversation:show(nil)
      all = vim.tbl_filter(function(other)
        return other ~= conversation
      end, all)
    end
  end
end

--- The conversation whose page the cursor is in, else the newest.
---@return llmls.Conversation?
function M.current()
  local bufnr = vim.api.nvim_get_current_buf()
  for _, conversation in ipairs(all) do
    if conversation.page and conversation.page.bufnr == bufnr then
      return conversation
    end
  end
  return all[#all]
end

---@return llmls.Answer
function Conversation:last()
  return self.answers[#self.answers]
end

--- Reports whether it is about exactly this place, and its only turn is an
--- explanation.
---@param place llmls.Place
---@return boolean
function Conversation:explains(place)
  local now, first = self.anchor:now(), self.answers[1]
  return now ~= nil
    and first.command == 'llmls.explain'
    and self.queries[first].diagnostic == nil
    and vim.deep_equal(
      { now.bufnr, now.first, now.last, now.block },
      { place.bufnr, place.first, place.last, place.block }
    )
end

--- Begins the next turn. `sent` is called once the request was sent, so that drawing
--- does not delay it.
---@param query llmls.Query
---@param sent? fun()
function Conversation:ask(query, sent)
  local answer = answers.new(query.command, query.shown or query.question, self.anchor.place.bufnr, self)
  table.insert(self.answers, answer)
  self.queries[answer] = query
  self.anchor:highlight('LlmlsRange')
  if self.page and self.page:is_valid() then
    self.page:turn(answer.question)
  end
  if self.surface then
    self.surface:begin(answer)
  end
  self:on_tick(answer)
  answer:send(query.place and self.anchor:now(), function(client)
    return self:argument(query, client)
  end, sent)
end

---@private
---@param query llmls.Query
---@param client vim.lsp.Client
---@return table
---@return llmls.Document?
function Conversation:argument(query, client)
  local argument = { question = query.question, conversation = self.id, name = query.name, input = query.input }
  local place = query.place and self.anchor:now()
  local document = place and require('llmls.sync').document(client, place.bufnr)
  if place and document then
    argument.uri, argument.version = document.uri, document.version
    argument.range = places.to_range(place, client.offset_encoding)
    argument.block = place.block
    if query.diagnostic then
      argument.diagnostic = vim.tbl_extend('force', query.diagnostic, { range = argument.range })
    end
  end
  return argument, document
end

--- Asks a follow-up question, or for more detail.
---@param question? string
---@param shown? string
function Conversation:reply(question, shown)
  self:learn()
  if not self.id then
    return notify.say('there is no answer to reply to. Ask again first.', vim.log.levels.WARN)
  end
  self:ask({ command = question and 'llmls.ask' or 'llmls.explain', question = question, shown = shown })
end

--- Asks the same once more.
function Conversation:retry()
  local last = self:last()
  local query = self.queries[last]
  if query.place and not self.anchor:now() then
    return notify.say('select the code and ask again: what was asked about is not there any more', vim.log.levels.WARN)
  end
  last:stop()
  self:learn()
  if last:text() == '' then -- nothing of it is worth keeping
    table.remove(self.answers)
    if self.page and self.page:is_valid() then
      self.page:drop_turn()
    end
  end
  if query.place then
    self.id = nil -- the first turn begins anew
  end
  self:ask(query)
end

function Conversation:stop()
  self:last():stop()
end

--- Takes the server's name for the conversation from what has been answered.
---@private
function Conversation:learn()
  for _, answer in ipairs(self.answers) do
    self.id = answer.result and answer.result.conversation or self.id
  end
end

--- Model, seconds and tokens of the last turn.
---@return string
function Conversation:meta()
  local answer = self:last()
  return answer.state == 'done' and answer.meta or answer:is_running() and '' or answer.state
end

-- The listener of its answers -------------------------------------------

---@param answer llmls.Answer
---@param text string
function Conversation:on_text(answer, text)
  self.anchor:hush()
  if self.page and self.page:is_valid() then
    self.page:stream(text)
  end
  if self.surface then
    self.surface:append(answer, text)
  end
end

---@param answer llmls.Answer
function Conversation:on_refiled(answer)
  if self.page and self.page:is_valid() then
    self.page:paint()
    self.page:drop_turn()
    self.page:turn(answer.question)
  end
  if self:is_shown() then
    self.surface:begin(answer)
    self.surface:append(answer, '')
  end
end

---@param answer llmls.Answer
function Conversation:on_frame(answer)
  if self.page then
    self.page:paint(answer:is_running())
  end
end

---@param answer llmls.Answer
function Conversation:on_tick(answer)
  require('llmls.status').changed()
  if answer.state ~= 'waiting' then
    return
  end
  local glyph = SPINNER[math.floor(vim.uv.hrtime() / 1e8) % #SPINNER + 1]
  local what = answer.thinking and ' thinking' or answer.note and ' ' .. answer.note or ''
  self.anchor:say((' %s%s %d s'):format(glyph, what, answer:seconds()))
end

---@param answer llmls.Answer
function Conversation:on_end(answer)
  self.anchor:hush()
  self:learn()
  require('llmls.status').changed()
  self:on_frame(answer)
  self.ending = answer
  if self.surface then
    self.surface:finish(answer)
  end
  self.ending = nil
  if self.page and self.page:is_valid() and answer.message then
    self.page:remark(answer.message, answer.state == 'failed' and 'LlmlsError' or 'LlmlsMessage')
    if self:is_shown() then
      self.surface:append(answer, '')
    end
  end
  if not self:is_shown() then
    self.anchor:highlight(nil)
  end
  if answer.state == 'failed' then
    local tell = self:is_shown() and notify.say_briefly or notify.say
    tell(answer.message or 'the answer failed. Try again.')
  end
end

-- Where it is shown -----------------------------------------------------

---@return boolean
function Conversation:is_shown()
  return self.surface ~= nil and self.surface:is_open()
end

--- Whether it is shown in this tab page.
---@return boolean
function Conversation:is_in_sight()
  if not self:is_shown() then
    return false
  end
  local win = self.surface.win
  return not win or vim.api.nvim_win_get_tabpage(win) == vim.api.nvim_get_current_tabpage()
end

--- Shows it by another surface, or by none.
---@param surface? llmls.Surface
function Conversation:show(surface)
  local before = self.surface
  self.surface = surface
  if before and before ~= surface then
    before:close()
  end
  local marked = surface ~= nil or #self.answers > 0 and self:last():is_running()
  self.anchor:highlight(marked and 'LlmlsRange' or nil)
end

--- Its page, with all turns so far.
---@return llmls.Page
function Conversation:open_page()
  if self.page and self.page:is_valid() then
    return self.page
  end
  self.page = require('llmls.page').new(self.answers[1].number, self.title)
  for _, answer in ipairs(self.answers) do
    self.page:turn(answer.question)
    if answer:shown_text() ~= '' then
      self.page:append(answer:shown_text())
    end
    if answer.message and answer ~= self.ending then -- what is said of that stands below it in a moment
      self.page:remark(answer.message, answer.state == 'failed' and 'LlmlsError' or 'LlmlsMessage')
    end
  end
  return self.page
end

return M
