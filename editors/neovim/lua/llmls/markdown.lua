--- A line of Markdown as highlighted chunks, for virtual lines, which treesitter
--- does not reach.
local M = {}

--- `code`, **strong** and the text between them.
---@param text string
---@param group string
---@return llmls.Chunk[]
local function spans(text, group)
  local chunks = {}
  local function put(part, own)
    if part ~= '' then
      table.insert(chunks, { part, own or group })
    end
  end
  local at = 1
  while at <= #text do
    local tick, bold = text:find('`[^`]+`', at), text:find('%*%*[^*]+%*%*', at)
    local first = math.min(tick or math.huge, bold or math.huge)
    if first == math.huge then
      break
    end
    put(text:sub(at, first - 1))
    if first == tick then
      local code = text:match('`([^`]+)`', first)
      put(code, 'LlmlsCode')
      at = first + #code + 2
    else
      local strong = text:match('%*%*([^*]+)%*%*', first)
      put(strong, 'LlmlsStrong')
      at = first + #strong + 4
    end
  end
  put(text:sub(at))
  return chunks
end

--- Whether a line is a fence, and the fence that is open behind it (CommonMark
--- 4.5).
---@param line string
---@param open? string the fence that is open before it
---@return boolean fence
---@return string? open
function M.fence(line, open)
  local marks, info = line:match('^%s*(```+)(.*)')
  if not marks then
    marks, info = line:match('^%s*(~~~+)(.*)')
  end
  if not marks then
    return false, open
  elseif not open then
    local code = vim.startswith(marks, '`') and info:find('`', 1, true)
    return not code, not code and marks or nil
  elseif vim.startswith(marks, open) and not info:find('%S') then
    return true, nil
  end
  return false, open
end

---@class llmls.MarkdownState
---@field fence? string the fence that is open

--- The chunks of the next line. nil for a fence, which is not shown.
---@param line string
---@param state llmls.MarkdownState
---@return llmls.Chunk[]?
function M.line(line, state)
  local fence, open = M.fence(line, state.fence)
  state.fence = open
  if fence then
    return nil
  elseif open then
    return { { line, 'LlmlsCode' } }
  end
  local heading = line:match('^#+%s+(.*)')
  if heading then
    return { { heading, 'LlmlsStrong' } }
  end
  local indent, rest = line:match('^(%s*)[-*+]%s+(.*)')
  if indent then
    return vim.list_extend({ { indent .. '• ', 'LlmlsInline' } }, spans(rest, 'LlmlsInline'))
  end
  return spans(line, 'LlmlsInline')
end

return M
