--- One answer, from the question to its end. It knows no window: a listener shows
--- it and is called for each change.
local client = require('llmls.client')

local M = {}

---@alias llmls.State 'waiting'|'streaming'|'done'|'failed'|'stopped'

---@class llmls.Listener
---@field on_text fun(self, answer: llmls.Answer, text: string) new text, at most once a frame
---@field on_refiled fun(self, answer: llmls.Answer) all text so far was thinking
---@field on_frame fun(self, answer: llmls.Answer) soon after new text, when there is time to colour it
---@field on_tick fun(self, answer: llmls.Answer) ten times a second while it is waiting or streaming
---@field on_end fun(self, answer: llmls.Answer)

---@class llmls.Turn an entry of llmls.answers
---@field conversation string
---@field uri? string
---@field range? lsp.Range
---@field question? string
---@field text string
---@field footer? string

---@class llmls.Answer
---@field number integer counts up in this session
---@field state llmls.State
---@field command 'llmls.explain'|'llmls.ask'
---@field question? string as the person typed it
---@field message? string for the person: why it ended early, or what to do
---@field kind? string of the failure, as in docs/protocol.md
---@field meta? string model, seconds, tokens, as the server says it
---@field note? string what the server reports before the first text
---@field thinking boolean whether reasoning arrived and no text yet
---@field result? table the response
---@field bufnr integer
---@field private listener llmls.Listener
---@field private pieces string[]
---@field private pending string[]
---@field private timer uv.uv_timer_t of the frame since text was drawn
---@field private frames integer
---@field private began integer
---@field private client_id? integer
---@field private tokens string[]
local Answer = {}
Answer.__index = Answer

--- One frame of a screen. No text is drawn before it has passed since the last.
local FRAME = 16 -- ms

--- While every frame brings text, every third frame also sets the colours, which
--- take longer than the text.
local COLOURED = 3

--- How much garbage is collected between two deltas, where there is time: more than
--- drawing one delta leaves. Otherwise Lua would collect it while drawing the next.
local GARBAGE = 400 -- KB
local TICK = 100 -- ms

---@type llmls.Answer[]
local running = {}
local count = 0
local ticker

---@param name string
---@param answer llmls.Answer
---@param more? table
local function emit(name, answer, more)
  vim.api.nvim_exec_autocmds('User', {
    pattern = name,
    modeline = false,
    data = vim.tbl_extend('error', {
      id = answer.number,
      bufnr = answer.bufnr,
      command = answer.command,
      question = answer.question,
    }, more or {}),
  })
end

local function tick()
  for _, answer in ipairs(vim.list_slice(running)) do
    if client.is_gone(answer.client_id) then
      client.crashed()
      answer:close('failed', 'Try again, and see :Llmls log if it ends again: llmls ended. What has arrived is kept.')
    else
      answer.listener:on_tick(answer)
    end
  end
end

local function watch()
  ticker = ticker or assert(vim.uv.new_timer())
  if not ticker:is_active() then
    ticker:start(TICK, TICK, vim.schedule_wrap(tick))
  end
end

--- The answers that have not ended, oldest first.
---@return llmls.Answer[]
function M.running()
  return running
end

---@param command 'llmls.explain'|'llmls.ask'
---@param question? string
---@param bufnr integer
---@param listener llmls.Listener
---@return llmls.Answer
function M.new(command, question, bufnr, listener)
  count = count + 1
  return setmetatable({
    number = count,
    state = 'waiting',
    command = command,
    question = question,
    thinking = false,
    bufnr = bufnr,
    listener = listener,
    pieces = {},
    pending = {},
    timer = assert(vim.uv.new_timer()),
    frames = 0,
    began = vim.uv.hrtime(),
    tokens = {},
  }, Answer)
end

--- One of an earlier session, which has ended.
---@param turn llmls.Turn
---@param bufnr integer
---@param listener llmls.Listener
---@return llmls.Answer
function M.earlier(turn, bufnr, listener)
  local answer = M.new(turn.question and 'llmls.ask' or 'llmls.explain', turn.question, bufnr, listener)
  answer.timer:close()
  answer.state, answer.pieces, answer.meta = 'done', { turn.text }, turn.footer
  answer.result = { conversation = turn.conversation }
  return answer
end

--- What has arrived so far.
---@return string
function Answer:text()
  if #self.pieces > 1 then
    self.pieces = { table.concat(self.pieces) }
  end
  return self.pieces[1] or ''
end

--- The text that was drawn so far: the rest comes with on_text.
---@return string
function Answer:shown_text()
  local text = self:text()
  return text:sub(1, #text - #table.concat(self.pending))
end

---@return boolean
function Answer:is_running()
  return self.state == 'waiting' or self.state == 'streaming'
end

---@return integer seconds since the request
function Answer:seconds()
  return math.floor((vim.uv.hrtime() - self.began) / 1e9)
end

--- Sends the request. `argument` returns the argument of the command once the
--- client, and with it the position encoding, is known.
---@param place? llmls.Place the code, about which other servers are asked first
---@param argument fun(client: vim.lsp.Client): table, llmls.Document?
---@param sent? fun() called once the request was sent, waits for other servers or could not be sent
function Answer:send(place, argument, sent)
  sent = sent or function() end
  table.insert(running, self)
  watch()
  emit('LlmlsStart', self)
  self.client_id = client.with(self.bufnr, function(ready)
    if not self:is_running() then
      return -- stopped before the server was there
    end
    self.client_id = ready.id
    local text = client.token(function(value)
      self:receive(value)
    end)
    local work = client.token(function(value)
      return self:report(value)
    end)
    self.tokens = { text, work }
    require('llmls.known').find(place, ready, function(context)
      if not self:is_running() then -- stopped meanwhile
        client.forget(text)
        client.forget(work)
        return
      end
      local arg, document = argument(ready)
      arg.partialResultToken, arg.context = text, context
      client.execute(ready, self.command, arg, function(err, result)
        self:respond(err, result)
      end, { bufnr = self.bufnr, work_token = work })
      if document then
        document.close()
      end
    end)
    sent()
  end, function(problem)
    sent()
    self:close('failed', problem)
  end)
end

---@private
---@param value { kind: string, text: string }
function Answer:receive(value)
  if not self:is_running() then
    return
  elseif value.kind == 'refiled' then
    self:refile()
    return
  elseif value.kind ~= 'delta' then
    self.thinking = true
    return
  end
  table.insert(self.pieces, value.text)
  table.insert(self.pending, value.text)
  if not self.timer:is_active() then
    self:draw()
  end
end

--- Takes all text so far for thinking, whose beginning the model did not mark.
---@private
function Answer:refile()
  self.pieces, self.pending = {}, {}
  self.thinking, self.state = true, 'waiting'
  self.listener:on_refiled(self)
end

--- Passes on the text that arrived since the last call.
---@private
function Answer:draw()
  if #self.pending == 0 then
    return
  end
  local text = table.concat(self.pending)
  self.pending = {}
  self.state = self.state == 'waiting' and 'streaming' or self.state
  self.listener:on_text(self, text)
  emit('LlmlsDelta', self, { text = text })
  self.timer:start(
    FRAME,
    0,
    vim.schedule_wrap(function()
      self:frame()
    end)
  )
end

--- Runs one frame after text was drawn: it draws what came since or, if nothing did,
--- has time for colours and garbage.
---@private
function Answer:frame()
  if not self:is_running() then
    return
  end
  local idle = #self.pending == 0
  self:draw()
  self.frames = self.frames + 1
  if idle or self.frames % COLOURED == 0 then
    self.listener:on_frame(self)
  end
  if idle then
    collectgarbage('step', GARBAGE)
  end
end

--- Passes work-done progress on to LspProgress, except for reports that repeat the
--- text, which is on the screen already.
---@private
---@param value { kind: string, message?: string }
---@return boolean
function Answer:report(value)
  if value.kind == 'end' then
    self.meta = value.message
  elseif value.kind == 'report' then
    self.note = value.message
    return #self.pieces == 0
  end
  return true
end

---@private
---@param err? lsp.ResponseError
---@param result? table
function Answer:respond(err, result)
  for _, token in ipairs(self.tokens) do
    client.forget(token)
  end
  self.result = result
  self.meta = result and result.footer or self.meta
  if not self:is_running() then
    return -- it was stopped, and this response only names its conversation
  elseif err then
    self.kind = type(err.data) == 'table' and err.data.kind or nil
    self:close('failed', err.message)
  elseif result and result.finishReason == 'incomplete' then
    self:close('failed', result.message)
  else
    self:close('done', result and result.message)
  end
end

--- Ends it on our side.
---@param state 'done'|'failed'|'stopped'
---@param message? string
function Answer:close(state, message)
  self:draw()
  self.timer:close()
  self.state = state
  self.message = message
  running = vim.tbl_filter(function(answer)
    return answer ~= self
  end, running)
  if #running == 0 and ticker then
    ticker:stop()
  end
  self.listener:on_end(self)
  if state == 'failed' then
    emit('LlmlsError', self, { text = self:text(), message = message, kind = self.kind })
  else
    emit('LlmlsDone', self, { text = self:text(), state = state, message = message, result = self.result })
  end
end

--- Stops it. What has arrived stays.
function Answer:stop()
  if not self:is_running() then
    return
  end
  local running_client = self.client_id and vim.lsp.get_client_by_id(self.client_id)
  if running_client and self.tokens[2] then
    client.notify(running_client, 'window/workDoneProgress/cancel', { token = self.tokens[2] })
  end
  self:close('stopped', 'Stopped.')
end

return M
