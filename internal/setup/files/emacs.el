(defun llmls ()
  "Start llmls here. Eglot runs one server for a buffer: it replaces any other."
  (interactive)
  (require 'eglot)
  (let ((eglot-server-programs '(((prog-mode text-mode) "llmls"))))
    (call-interactively #'eglot)))

(defun llmls-ask (question)
  "Ask llmls QUESTION about the region, or the line."
  (interactive "sAsk llmls: ")
  ;; A question is about the place of the last code actions.
  (eglot-code-actions (if (use-region-p) (region-beginning) (pos-bol))
                      (if (use-region-p) (region-end) (pos-eol)))
  (eglot-execute (eglot-current-server)
                 `(:command "llmls.ask" :arguments [,question])))
